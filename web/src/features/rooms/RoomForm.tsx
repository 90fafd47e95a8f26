import { useMutation } from "@tanstack/react-query";
import { useState, type FC, type ReactNode, type SubmitEvent } from "react";

import type { Room } from "../../shared/api/client";
import { Problem } from "../../shared/api/problem";
import { explain } from "../../shared/i18n/explain";
import { Button } from "../../shared/ui/Button";
import { DialogActions } from "../../shared/ui/Dialog";
import { Notice } from "../../shared/ui/Notice";
import { judge, RoomFields, type RoomDraft } from "./RoomFields";
import styles from "./RoomForm.module.css";
import type { RoomSettings } from "./roomsApi";

interface Props {
  initial: RoomDraft;
  submitLabel: string;
  save: (settings: RoomSettings) => Promise<Room>;
  onSaved: (room: Room) => void;
  /** Further buttons, before the one that saves. */
  children?: ReactNode;
}

/** Creates or changes a room. */
export const RoomForm: FC<Props> = ({ initial, submitLabel, save, onSaved, children }) => {
  const [draft, setDraft] = useState(initial);
  const [tried, setTried] = useState(false);
  const attempt = useMutation({ mutationFn: save, onSuccess: onSaved });
  const judged = judge(draft);
  const refused = attempt.isError ? Problem.from(attempt.error).fields : [];
  const wrong = [...(tried && "wrong" in judged ? judged.wrong : []), ...refused];

  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setTried(true);
    if ("settings" in judged) attempt.mutate(judged.settings);
  };

  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <RoomFields draft={draft} onChange={setDraft} wrong={wrong} />
      {attempt.isError && refused.length === 0 && <Notice look="danger" text={explain(attempt.error)} />}
      <DialogActions>
        {children}
        <Button type="submit" look="primary" busy={attempt.isPending}>{submitLabel}</Button>
      </DialogActions>
    </form>
  );
};
