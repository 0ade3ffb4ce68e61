// Loaded into an adapter process before its main module (node --import): its wall clock jumps an hour ahead at SIGUSR2
// and an hour back at SIGHUP, and starts AHEAD milliseconds ahead. It stands for a clock that is set, which would need
// root, a name space of its own, and everything else on the machine to bear it; timers go on as they do then, since they
// follow the monotonic clock.
const now = Date.now;
let ahead = Number(process.env.AHEAD ?? 0);
Date.now = () => now() + ahead;
process.on('SIGUSR2', () => (ahead += 3_600_000));
process.on('SIGHUP', () => (ahead -= 3_600_000));
