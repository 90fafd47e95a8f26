import type { FC } from "react";
import { BrowserRouter } from "react-router";

import { base } from "../shared/lib/base";
import { ErrorBoundary } from "./ErrorBoundary";
import { HideScreen } from "./HideScreen";
import { Providers } from "./Providers";
import { AppRoutes } from "./routes";

export const App: FC = () => (
  <Providers>
    <ErrorBoundary>
      <BrowserRouter basename={base.slice(0, -1)}><AppRoutes /></BrowserRouter>
    </ErrorBoundary>
    <HideScreen />
  </Providers>
);
