import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "./app/App";
import { startI18n } from "./shared/i18n/i18n";
import { followSystemTheme } from "./shared/lib/theme";
import { followVisibleHeight } from "./shared/lib/viewport";
import "./styles/tokens.css";
import "./styles/base.css";

followSystemTheme();
followVisibleHeight();
await startI18n();

const root = document.getElementById("root");
if (root) createRoot(root).render(<StrictMode><App /></StrictMode>);
