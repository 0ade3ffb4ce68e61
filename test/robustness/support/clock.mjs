// Loaded into an adapter process before its main module (node --import). The wall clock starts AHEAD milliseconds
// ahead, jumps an hour ahead at SIGUSR2 and an hour back at SIGHUP. It stands for setting the machine's clock, which
// needs root and affects all programs. Timers are not affected, as with a real change, because they use the monotonic
// clock.
const now = Date.now;
let ahead = Number(process.env.AHEAD ?? 0);
Date.now = () => now() + ahead;
process.on('SIGUSR2', () => (ahead += 3_600_000));
process.on('SIGHUP', () => (ahead -= 3_600_000));
