import { Eye, EyeOff } from "lucide-react";
import { useId, useState, type FC, type InputHTMLAttributes, type ReactNode, type Ref, type SelectHTMLAttributes } from "react";

import { useT } from "../i18n/i18n";
import { IconButton } from "./Button";
import { cx } from "./cx";
import styles from "./Field.module.css";

interface Labelled {
  label: string;
  hint?: string | undefined;
  /** What is wrong with the value, in words. */
  error?: string | null | undefined;
}

interface TextFieldProps extends Labelled, InputHTMLAttributes<HTMLInputElement> {
  /** In a dialog: has the focus first. */
  "data-first"?: boolean;
  ref?: Ref<HTMLInputElement>;
  /** A button inside the box, at its end. */
  inside?: ReactNode;
  /** A button beside the box, as high as it. */
  after?: ReactNode;
}

export const TextField: FC<TextFieldProps> = ({ label, hint, error, inside, after, className, ...input }) => {
  const id = useId();
  return (
    <div className={cx(styles.field, className)}>
      <label className={styles.label} htmlFor={id}>{label}</label>
      <div className={styles.box}>
        <input
          {...input}
          id={id}
          className={cx(styles.control, inside !== undefined && styles.withButton)}
          aria-invalid={error ? true : undefined}
          aria-describedby={hint || error ? `${id}-note` : undefined}
        />
        {inside}
        {after}
      </div>
      <Note id={`${id}-note`} hint={hint} error={error} />
    </div>
  );
};

export const PasswordField: FC<Omit<TextFieldProps, "type" | "inside">> = (props) => {
  const t = useT();
  const [shown, setShown] = useState(false);
  const toggle = (
    <IconButton className={styles.inside} label={t(shown ? "account.hide" : "account.show")} onClick={() => setShown(!shown)}>
      {shown ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
    </IconButton>
  );
  return <TextField {...props} type={shown ? "text" : "password"} inside={toggle} spellCheck={false} autoCapitalize="none" />;
};

interface SelectProps extends Labelled, SelectHTMLAttributes<HTMLSelectElement> {
  children: ReactNode;
}

/** The device's own list, which every phone shows well. */
export const SelectField: FC<SelectProps> = ({ label, hint, error, children, className, ...select }) => {
  const id = useId();
  return (
    <div className={cx(styles.field, className)}>
      <label className={styles.label} htmlFor={id}>{label}</label>
      <select
        {...select}
        id={id}
        className={styles.control}
        aria-invalid={error ? true : undefined}
        aria-describedby={hint || error ? `${id}-note` : undefined}
      >
        {children}
      </select>
      <Note id={`${id}-note`} hint={hint} error={error} />
    </div>
  );
};

interface ChoiceProps<Value extends string> {
  label: string;
  name: string;
  value: Value;
  options: readonly { value: Value; label: string }[];
  onChoose: (value: Value) => void;
}

/** One of a few, all in sight. */
export function ChoiceField<Value extends string>({ label, name, value, options, onChoose }: ChoiceProps<Value>): ReactNode {
  return (
    <fieldset className={styles.choices}>
      <legend className={styles.label}>{label}</legend>
      {options.map((option) => (
        <label key={option.value} className={styles.choice}>
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChoose(option.value)}
          />
          {option.label}
        </label>
      ))}
    </fieldset>
  );
}

export const Checkbox: FC<InputHTMLAttributes<HTMLInputElement> & { label: string }> = ({ label, ...input }) => (
  <label className={styles.choice}>
    <input {...input} type="checkbox" />
    {label}
  </label>
);

const Note: FC<{ id: string; hint: string | undefined; error: string | null | undefined }> = ({ id, hint, error }) => {
  if (error) return <p id={id} className={styles.error} role="alert">{error}</p>;
  return hint ? <p id={id} className={styles.hint}>{hint}</p> : null;
};
