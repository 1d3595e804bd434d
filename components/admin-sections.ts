/** The sections of the admin pages, in their order: name in the address, title, what it is for. */
export type SectionName = (typeof SECTIONS)[number][0];

export const SECTIONS = [
  ['members', 'Members', 'Who decides: roles, addresses, who stands in for whom, sign-in links.'],
  ['groups', 'Groups', 'People who are asked together.'],
  ['agents', 'Agents', 'Who answers for each agent.'],
  ['rules', 'Rules', 'What is approved, denied or always asked without looking each time; with a preview.'],
  ['gates', 'Gates', 'Which actions need an approval at all.'],
  ['trust', 'Trust', 'What agents have earned, and why.'],
  ['settings', 'Settings', 'Times, assurance, notices and everything else of the workspace.'],
  ['keys', 'Keys', 'Keys of agents, your backend and people.'],
  ['webhooks', 'Webhooks', 'Your endpoints, and how each delivery went.'],
  ['embed', 'Embedding', 'Pages and hosts that may show approvals.'],
  ['changes', 'Changes', 'Changes to all this that wait for another admin.'],
] as const;
