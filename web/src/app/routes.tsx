import { lazy, Suspense, type FC } from "react";
import { Navigate, Outlet, Route, Routes, useLocation } from "react-router";

import { useSessionStatus } from "../shared/api/useSession";
import { loadPageWords } from "../shared/i18n/i18n";
import { NotFound } from "./NotFound";

/** A page with words of its own. */
async function withWords<Module>(page: Promise<Module>): Promise<Module> {
  await loadPageWords();
  return page;
}

const FrontPage = lazy(async () => ({ default: (await import("../features/front/FrontPage")).FrontPage }));
const PrivacyPage = lazy(async () => ({ default: (await withWords(import("../features/front/PrivacyPage"))).PrivacyPage }));
const KnownAboutMe = lazy(async () => ({ default: (await withWords(import("../features/account/KnownAboutMe"))).KnownAboutMe }));
const LoginPage = lazy(async () => ({ default: (await import("../features/account/LoginPage")).LoginPage }));
const RegisterPage = lazy(async () => ({ default: (await import("../features/account/RegisterPage")).RegisterPage }));
const SetupPage = lazy(async () => ({ default: (await withWords(import("../features/account/SetupPage"))).SetupPage }));
const AccountPage = lazy(async () => ({ default: (await import("../features/account/AccountPage")).AccountPage }));
const RoomsPage = lazy(async () => ({ default: (await import("../features/rooms/RoomsPage")).RoomsPage }));
const RoomScreen = lazy(async () => ({ default: (await import("./RoomScreen")).RoomScreen }));
const OperatorScreen = lazy(async () => ({ default: (await withWords(import("./OperatorScreen"))).OperatorScreen }));
const Shell = lazy(async () => ({ default: (await import("./Shell")).Shell }));

/** Every address of the UI. */
export const AppRoutes: FC = () => (
  <Suspense fallback={null}>
    <Routes>
      <Route path="/login" element={<LoginPage />} />
      <Route path="/register" element={<RegisterPage />} />
      <Route path="/setup" element={<SetupPage />} />
      <Route path="/privacy" element={<PrivacyPage><KnownAboutMe /></PrivacyPage>} />
      <Route element={<Inside />}>
        <Route path="/" element={<RoomsPage />} />
        <Route path="/r/:roomId" element={<RoomScreen />} />
        <Route path="/account" element={<AccountPage />} />
        <Route path="/admin" element={<OperatorScreen />} />
      </Route>
      <Route path="*" element={<NotFound />} />
    </Routes>
  </Suspense>
);

/**
 * Only for people who are logged in. Others see the front page, or come back here once they are; who
 * follows a link to a room is most likely new, unless a session has just ended.
 */
const Inside: FC = () => {
  const { pathname, search, hash } = useLocation();
  const status = useSessionStatus();
  if (status === "in") return <Shell><Suspense fallback={null}><Outlet /></Suspense></Shell>;
  if (pathname === "/") return <FrontPage />;
  const state = { from: `${pathname}${search}${hash}` };
  return <Navigate to={status === "out" && pathname.startsWith("/r/") ? "/register" : "/login"} state={state} replace />;
};
