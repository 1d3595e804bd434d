// An approval as a property: no network, and the decision comes to this page as an event.
// With a server instead: <human-approval-view server="https://…" approval-id="apr_…"> and a tokenProvider.
const view = document.querySelector('human-approval-view');
view.approval = await (await fetch('/approval.json')).json();
view.addEventListener('approval-decide', (event) => {
  event.preventDefault();
  const { decision, reason, edits } = event.detail;
  document.querySelector('output').textContent = JSON.stringify({ decision, reason, edits });
});
