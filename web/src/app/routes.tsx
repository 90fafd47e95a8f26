import { lazy, Suspense, type FC } from "react";
import { Navigate, Outlet, Route, Routes, useLocation } from "react-router";

import { useSessionStatus } from "../shared/api/useSession";
import { NotFound } from "./NotFound";

const FrontPage = lazy(async () => ({ default: (await import("../features/front/FrontPage")).FrontPage }));
const PrivacyPage = lazy(async () => ({ default: (await import("../features/front/PrivacyPage")).PrivacyPage }));
const KnownAboutMe = lazy(async () => ({ default: (await import("./KnownAboutMe")).KnownAboutMe }));
const LoginPage = lazy(async () => ({ default: (await import("../features/account/LoginPage")).LoginPage }));
const RegisterPage = lazy(async () => ({ default: (await import("../features/account/RegisterPage")).RegisterPage }));
const AccountPage = lazy(async () => ({ default: (await import("../features/account/AccountPage")).AccountPage }));
const RoomsPage = lazy(async () => ({ default: (await import("../features/rooms/RoomsPage")).RoomsPage }));
const RoomScreen = lazy(async () => ({ default: (await import("./RoomScreen")).RoomScreen }));
const Shell = lazy(async () => ({ default: (await import("./Shell")).Shell }));

/** Every address of the UI. */
export const AppRoutes: FC = () => (
  <Suspense fallback={null}>
    <Routes>
      <Route path="/login" element={<LoginPage />} />
      <Route path="/register" element={<RegisterPage />} />
      <Route path="/privacy" element={<PrivacyPage><KnownAboutMe /></PrivacyPage>} />
      <Route element={<Inside />}>
        <Route path="/" element={<RoomsPage />} />
        <Route path="/r/:roomId" element={<RoomScreen />} />
        <Route path="/account" element={<AccountPage />} />
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
