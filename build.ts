#!/bin/sh
':'; // 2>/dev/null; exec node --max-semi-space-size=1 -e 'require(require("fs").realpathSync(process.argv[1]) + "/../cli/launch/launch.cjs")' -- "$0" "$@"

// A shell takes the line above for a command that starts the program, wherever this file or a link to it lies. Its young
// generation of 1 MB keeps 20 MB of spent buffers out of memory. `npx tsx build.ts` and `node build.ts` come here:
import './cli/launch/launch.cjs';
