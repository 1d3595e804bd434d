/**
 * The looks of what stands in the parts: the other decisions, the conversation, the outcome, and values by their kind.
 * Invariant: nothing of a plain request is looked after here, so that the coming of the parts moves nothing. A sheet of
 * its own, because the script that loads it has its own Lit.
 */
import { kindStyles } from './styles-kinds.ts';

const css = String.raw;

const restStyles = css`
  h4 {
    color: var(--muted);
    font-size: 0.875rem;
    font-weight: 400;
  }
  .hero {
    display: flex;
    flex-wrap: wrap;
    gap: 12px 40px;
    padding: calc(var(--s) * 2.5) var(--pad) 0;
  }
  .hero dd {
    color: var(--tone, inherit);
    font-size: 1.625rem;
    font-weight: 600;
    line-height: 1.2;
    letter-spacing: -0.015em;
  }
  @container (min-width: 520px) {
    .hero dd {
      font-size: 2rem;
    }
  }
  .outcome {
    padding: var(--pad);
    border-radius: var(--radius);
    background: var(--sunken);
  }
  .outcome h3 {
    color: var(--tone, inherit);
    font-size: 1.125rem;
  }
  h4,
  .run,
  .outcome .changes {
    margin-block-start: 10px;
  }
  .changes {
    font-variant-numeric: tabular-nums;
  }
  .changes li {
    display: flex;
    flex-wrap: wrap;
    gap: 0 0.6em;
  }
  .changes li > :first-child,
  del {
    color: var(--muted);
  }
  ins {
    font-weight: 600;
    text-decoration: none;
  }
  .thread {
    display: grid;
    gap: 12px;
    margin-block: 10px;
  }
  .message {
    padding-inline-start: 12px;
    border-inline-start: 2px solid var(--accent);
  }
  .message.answer {
    border-color: var(--border);
  }
  .message.context_answer {
    border-inline-start: 2px dashed var(--edge);
  }
  .author {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 2px 8px;
    font-size: 0.875rem;
  }
  .other,
  .settle {
    display: grid;
    gap: var(--s);
  }
  .others {
    display: flex;
    flex-wrap: wrap;
    gap: var(--s);
  }
  .settle {
    margin-block-start: var(--pad);
  }
`;

export const partStyles = new CSSStyleSheet();
partStyles.replaceSync(restStyles + kindStyles);
