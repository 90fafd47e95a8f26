import type { FC } from "react";

import { useT } from "../../shared/i18n/i18n";
import { ChoiceField, SelectField, TextField } from "../../shared/ui/Field";
import { RETENTIONS } from "../../shared/i18n/retention";
import type { RoomSettings } from "./roomsApi";

/** As typed: the limit may not be a number yet. */
export interface RoomDraft extends Omit<RoomSettings, "max_user"> {
  max_user: string;
}

export const NEW_ROOM: RoomDraft = { name: "", max_user: "50", visibility: "unlisted", retention_in: null };

const NAME_LENGTH = 50;
const MOST_PEOPLE = 1000;

type RoomField = "name" | "max_user" | "retention_in";

/** The settings that were typed, or which fields are wrong. */
export function judge(draft: RoomDraft): { settings: RoomSettings } | { wrong: RoomField[] } {
  const name = draft.name.trim();
  const limit = Number(draft.max_user);
  const wrong: RoomField[] = [];
  if (name === "" || Array.from(name).length > NAME_LENGTH) wrong.push("name");
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_PEOPLE) wrong.push("max_user");
  return wrong.length > 0 ? { wrong } : { settings: { ...draft, name, max_user: limit } };
}

interface Props {
  draft: RoomDraft;
  onChange: (draft: RoomDraft) => void;
  /** Names of the fields that are wrong, by this page or the server. */
  wrong: readonly string[];
}

/** What a host decides about a room. */
export const RoomFields: FC<Props> = ({ draft, onChange, wrong }) => {
  const t = useT();
  const errorOf = (field: RoomField): string | null => (wrong.includes(field) ? t(`field.${field}`) : null);
  return (
    <>
      <TextField
        label={t("rooms.name")}
        placeholder={t("rooms.namePlaceholder")}
        autoComplete="off"
        data-first
        value={draft.name}
        onChange={(event) => onChange({ ...draft, name: event.target.value })}
        error={errorOf("name")}
      />
      <TextField
        label={t("rooms.limit")}
        inputMode="numeric"
        autoComplete="off"
        value={draft.max_user}
        onChange={(event) => onChange({ ...draft, max_user: event.target.value })}
        error={errorOf("max_user")}
      />
      <SelectField
        label={t("rooms.retention")}
        value={String(draft.retention_in)}
        onChange={({ target }) => onChange({ ...draft, retention_in: target.value === "null" ? null : Number(target.value) })}
        error={errorOf("retention_in")}
      >
        {RETENTIONS.map(({ seconds, choice }) => <option key={choice} value={String(seconds)}>{t(choice)}</option>)}
      </SelectField>
      <ChoiceField
        label={t("rooms.visibility")}
        name="visibility"
        value={draft.visibility}
        options={[
          { value: "unlisted", label: t("rooms.unlisted") },
          { value: "public", label: t("rooms.listed") },
        ]}
        onChoose={(visibility) => onChange({ ...draft, visibility })}
      />
    </>
  );
};
