// The person's own decision, in the host's page: the element asks this page for a token, and this page its backend.
const asked = new URLSearchParams(location.search);
// A real host has signed the person in before.
document.cookie = `user=${asked.get('user')}; SameSite=Strict`;
const approval = asked.get('approval');

// The answer of POST /v1/embed-tokens as it is: with its end, so that it is used until shortly before.
async function embedToken() {
  const answer = await fetch(`/embed-token?approval=${approval}`, { method: 'POST' });
  if (!answer.ok) throw new Error(`This is not yours to decide (${answer.status}).`);
  return answer.json();
}

const view = document.querySelector('human-approval-view');
const said = document.querySelector('output');
view.addEventListener('approval-decided', (event) => {
  said.textContent = `Thank you: ${event.approval.status}.`;
});
try {
  view.server = (await embedToken()).server;
  view.tokenProvider = embedToken;
  view.approvalId = approval;
} catch (error) {
  said.textContent = error.message;
}
