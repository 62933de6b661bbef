// Preloaded into Azurite. Its standard input is a pipe held by whoever started it: when that process closes the pipe, or
// dies in any way, Azurite saves its data and ends as it does on SIGTERM; while it still starts, it just ends. So none
// is left behind holding ports and data.
process.stdin.on('end', () => process.emit('SIGTERM') || process.exit(0));
process.stdin.resume();
