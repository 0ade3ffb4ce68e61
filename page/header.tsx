import type { ComponentChildren } from 'preact';

/** The head of a page: its title, and its state or what is wrong. */
export function Header(props: { title: string; problem: string | undefined; children: ComponentChildren }) {
  return (
    <header>
      <h1>{props.title}</h1>
      <p role="status" class={props.problem === undefined ? 'quiet' : 'problem'}>
        {props.problem ?? props.children}
      </p>
    </header>
  );
}
