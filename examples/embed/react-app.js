// The same in React, without JSX so that it is read as it is. `approvalComponents` takes the page's own React.
import { createElement, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';
import '../../dist/esm/human-approval-view.js';
import { approvalComponents } from '../../dist/esm/react.js';

const { HumanApprovalView } = approvalComponents({ createElement, useLayoutEffect, useRef });

function App() {
  const [approval, setApproval] = useState(null);
  const [said, setSaid] = useState(null);
  useEffect(() => {
    void fetch('/approval.json')
      .then((answer) => answer.json())
      .then(setApproval);
  }, []);
  const onApprovalDecide = (event) => {
    event.preventDefault();
    const { decision, reason, edits } = event.detail;
    setSaid({ decision, reason, edits });
  };
  return createElement(
    'main',
    null,
    createElement('h1', null, 'An approval in React'),
    createElement(HumanApprovalView, { approval, timeZone: 'UTC', onApprovalDecide }),
    createElement('output', null, said === null ? '' : JSON.stringify(said)),
  );
}

createRoot(document.querySelector('#app')).render(createElement(App));
