// Shows each new result of the function app in ?app=, as SignalR reports it.

/** Number of results on the page. Older ones are removed. */
const kept = 50;
/** The rate is that of the last ten seconds. */
const rateWindow = 10_000;
const retryAfter = 5000;

const app = new URLSearchParams(location.search).get('app') ?? 'http://localhost:7071';
const status = document.querySelector('[role=status]');
const rate = document.querySelector('.rate');
const list = document.querySelector('ul');

/** When results came, the last of them at the end. */
const times = [];
let total = 0;

if (globalThis.signalR === undefined) {
  const script = document.querySelector('script[src]').getAttribute('src');
  status.textContent = `cannot load ${script}: run "npm ci" in the folder of this page, and load it again`;
} else {
  connect(globalThis.signalR);
  showRate();
  setInterval(showRate, 1000);
}

function connect(signalR) {
  const connection = new signalR.HubConnectionBuilder()
    .withUrl(`${app}/api`)
    .withAutomaticReconnect({ nextRetryDelayInMilliseconds: () => retryAfter })
    .build();
  connection.on('newResult', showResult);
  connection.onreconnecting((error) => (status.textContent = `connecting again … ${error?.message ?? ''}`));
  connection.onreconnected(connected);
  void start(connection);
}

async function start(connection) {
  try {
    await connection.start();
    connected();
  } catch (error) {
    status.textContent = `cannot connect to ${app}: ${error.message} Tried again every ${retryAfter / 1000} s.`;
    setTimeout(() => start(connection), retryAfter);
  }
}

function connected() {
  status.textContent = `connected to ${app}`;
}

function showResult({ url, predictedTagName }) {
  times.push(Date.now());
  total += 1;
  const item = document.createElement('li');
  if (/^https?:/i.test(url ?? '')) item.append(Object.assign(new Image(), { src: url, alt: '' }));
  item.append(predictedTagName ?? 'no label');
  list.prepend(item);
  while (list.children.length > kept) list.lastElementChild.remove();
  showRate();
}

function showRate() {
  while (times.length > 0 && times[0] < Date.now() - rateWindow) times.shift();
  const perSecond = (times.length * 1000) / rateWindow;
  rate.textContent = `${perSecond.toFixed(1)} results per second, ${total} in all`;
}
