#!/usr/bin/env node
// @ts-check
// All starts run this file: ./build.ts, npm start and the packed `modelwhisk`. This file and require-node.cjs use only
// old syntax, so that an old Node.js can print which version is needed.
'use strict';

require('./require-node.cjs').requireNode();
void require('./run.cjs').run();
