/** The longest time of a timer, in milliseconds. Node.js changes a longer one to 1 ms. */
export const longestTimer = 2 ** 31 - 1;
