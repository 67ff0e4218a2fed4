// A dialog over everything: it holds the focus, and gives it back to where it was.

import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

export function Dialog(props: {
  title: ComponentChildren;
  wide?: boolean;
  onClose: () => void;
  children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  // At once: what is typed next is no key of the screen.
  useLayoutEffect(() => {
    const before = document.activeElement;
    const own = dialog.current;
    if (own && !own.open) own.showModal();
    return () => {
      if (own?.open) own.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={props.wide ? "over wide" : "over"}
      aria-labelledby={title}
      onClose={props.onClose}
      // The keys of the screen below rest meanwhile.
      onKeyDown={(event) => event.stopPropagation()}
    >
      <h2 id={title}>{props.title}</h2>
      {props.children}
    </dialog>
  );
}
