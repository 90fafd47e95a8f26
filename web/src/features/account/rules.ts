/** The rules that the server applies, so that most mistakes are told before anything is sent. */
export type AccountField = "login" | "email" | "password";

export type Mistakes = Partial<Record<AccountField, true>>;

const LOGIN = /^[A-Za-z0-9_-]{4,32}$/;
const EMAIL = /^[^\s@]+@[^\s@]+$/;
const PASSWORD = { min: 8, max: 256 };

/** The fields of a registration that the server is sure to refuse. */
export function registrationMistakes(login: string, email: string, password: string, emailRequired = false): Mistakes {
  return {
    ...(LOGIN.test(login) ? {} : { login: true as const }),
    ...((email === "" && !emailRequired) || EMAIL.test(email) ? {} : { email: true as const }),
    ...(isPassword(password, login, email) ? {} : { password: true as const }),
  };
}

export function isPassword(password: string, login = "", email = ""): boolean {
  const length = Array.from(password.normalize("NFC")).length;
  const borrowed = [login, email].some((name) => name !== "" && name.toLowerCase() === password.toLowerCase());
  return PASSWORD.min <= length && length <= PASSWORD.max && !borrowed;
}
