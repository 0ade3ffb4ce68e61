import { render } from 'preact';
import { AzurePage } from './azure-page.tsx';

const root = document.querySelector('#page');
if (root !== null) {
  root.replaceChildren();
  render(<AzurePage app={new URLSearchParams(location.search).get('app') ?? ''} />, root);
}
