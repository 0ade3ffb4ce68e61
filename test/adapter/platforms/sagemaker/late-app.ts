import { setTimeout as sleep } from 'node:timers/promises';
import express, { type Express } from 'express';

/** An app that takes a while to load. */
export const app = load();

async function load(): Promise<Express> {
  await sleep(1500);
  return express().post('/mirror', (_request, response) => response.send('here'));
}
