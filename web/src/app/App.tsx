import type { FC } from "react";
import { BrowserRouter } from "react-router";

import { ErrorBoundary } from "./ErrorBoundary";
import { HideScreen } from "./HideScreen";
import { Providers } from "./Providers";
import { AppRoutes } from "./routes";

export const App: FC = () => (
  <Providers>
    <ErrorBoundary>
      <BrowserRouter><AppRoutes /></BrowserRouter>
    </ErrorBoundary>
    <HideScreen />
  </Providers>
);
