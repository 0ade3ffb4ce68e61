#!/usr/bin/env node
// @ts-check
// Every way in leads here: ./build.ts, npm start and the packed `modelwhisk`. This file and require-node.cjs keep to old
// syntax, so that an old Node.js gets as far as the line that says which one is needed.
'use strict';

require('./require-node.cjs').requireNode();
void require('./run.cjs').run();
