import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { BrowserRouter, Route, Routes } from "react-router";
import { queryClient } from "./query-client";
import { RedeemLinkPage } from "./session/redeem-link-page";
import { RequireSession } from "./session/require-session";
import { SignInPage } from "./session/sign-in-page";
import { SignUpPage } from "./session/sign-up-page";
import { HomePage } from "./generation/home-page";
import { HistoryPage } from "./history/history-page";
import { ConsoleShell } from "./shell/console-shell";
import { NotFoundPage } from "./shell/not-found-page";
import { PageLoader } from "./shell/page-loader";
import { colorSchemeManager, resolveCssVariables, theme } from "./theme";

const GenerationPage = lazy(() => import("./generation/generation-page"));

export function App() {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={resolveCssVariables}
      colorSchemeManager={colorSchemeManager}
      defaultColorScheme="auto"
    >
      <Notifications position="bottom-right" limit={3} />
      <QueryClientProvider client={queryClient}>
        <BrowserRouter>
          <Suspense fallback={<PageLoader />}>
            <Routes>
              <Route path="/sign-in" element={<SignInPage />} />
              <Route path="/sign-up" element={<SignUpPage />} />
              <Route path="/link" element={<RedeemLinkPage />} />
              <Route element={<RequireSession />}>
                <Route element={<ConsoleShell />}>
                  <Route index element={<HomePage />} />
                  <Route path="/g/:id" element={<GenerationPage />} />
                  <Route path="/history" element={<HistoryPage />} />
                  <Route path="*" element={<NotFoundPage />} />
                </Route>
              </Route>
            </Routes>
          </Suspense>
        </BrowserRouter>
      </QueryClientProvider>
    </MantineProvider>
  );
}
