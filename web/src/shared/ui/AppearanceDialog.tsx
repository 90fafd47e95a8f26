import { useState, type FC } from "react";

import { chooseLanguage, LANGUAGES, useLanguage, useT, type Language } from "../i18n/i18n";
import { chooseTheme, themeChoice, type ThemeChoice } from "../lib/theme";
import { Dialog } from "./Dialog";
import { ChoiceField } from "./Field";

interface Props {
  open: boolean;
  onClose: () => void;
}

/** Language and theme, both kept on this device. */
export const AppearanceDialog: FC<Props> = ({ open, onClose }) => {
  const t = useT();
  const language = useLanguage();
  const [theme, setTheme] = useState<ThemeChoice>(themeChoice);
  return (
    <Dialog open={open} onClose={onClose} title={t("app.appearance")}>
      <ChoiceField
        label={t("app.language")}
        name="language"
        value={language}
        options={Object.entries(LANGUAGES).map(([value, label]) => ({ value: value as Language, label }))}
        onChoose={(choice) => void chooseLanguage(choice)}
      />
      <ChoiceField
        label={t("app.theme")}
        name="theme"
        value={theme}
        options={[
          { value: "system", label: t("app.themeSystem") },
          { value: "dark", label: t("app.themeDark") },
          { value: "light", label: t("app.themeLight") },
        ]}
        onChoose={(choice) => {
          chooseTheme(choice);
          setTheme(choice);
        }}
      />
    </Dialog>
  );
};
