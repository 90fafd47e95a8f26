import { expect, test } from "./fixtures";

test("two people meet by a link, talk, lose the network, and are told when the room is gone", async ({ person }) => {
  const host = await person();
  await host.open("/");
  await expect(host.page.getByRole("heading", { level: 1 })).toHaveText("Talk in a group. Without your name.");
  await host.page.getByRole("link", { name: "Start talking" }).click();
  await host.register();
  const link = await host.createRoom("Mill Street 12, tenants");

  // A stranger who opens the link registers and lands at the room's door.
  const guest = await person();
  await guest.open(link);
  await guest.register();
  await expect(guest.page.getByRole("heading", { name: "Mill Street 12, tenants" })).toBeVisible();
  await guest.page.getByRole("button", { name: "Enter", exact: true }).click();
  await expect(guest.alias).toBeVisible();

  await host.say("Did anyone else get the letter about the rent? 🏠");
  await expect(guest.message("Did anyone else get the letter about the rent? 🏠")).toBeVisible();
  await guest.say("Да, и мне тоже: плюс 18 % 😡");
  await expect(host.message("Да, и мне тоже: плюс 18 % 😡")).toBeVisible();
  await expect(host.message("Да, и мне тоже")).toContainText(await guest.aliasName());
  await expect(host.message("Did anyone else")).toContainText("you");

  // Offline: what is typed stays, and what others say is not missed.
  await guest.goOffline();
  await expect(guest.page.getByText("You are offline.")).toBeVisible();
  await guest.say("Typed offline, one");
  await guest.say("Набрано без сети, два");
  await host.say("Is anybody still here?");
  await expect(guest.message("Typed offline, one")).toContainText("Waiting for the connection");
  await expect(guest.message("Is anybody still here?")).toHaveCount(0);
  await guest.comeBack();
  await expect(guest.page.getByText("You are offline.")).toBeHidden();

  for (const text of ["Is anybody still here?", "Typed offline, one", "Набрано без сети, два"]) {
    await expect(host.message(text)).toHaveCount(1);
    await expect(guest.message(text)).toHaveCount(1);
  }
  await guest.page.reload();
  await expect(guest.message("Набрано без сети, два")).toHaveCount(1);
  await expect(guest.message("Typed offline, one")).toHaveCount(1);

  // The host deletes the room, once its name is typed; both are told.
  const details = await host.openDetails();
  await details.getByRole("button", { name: "Delete the room" }).click();
  const confirm = host.page.getByRole("dialog", { name: "Delete the room" });
  await expect(confirm.getByRole("button", { name: "Delete for everyone" })).toBeDisabled();
  await confirm.getByRole("textbox").fill("Mill Street 12, tenants");
  await confirm.getByRole("button", { name: "Delete for everyone" }).click();
  await expect(host.page.getByText("You deleted “Mill Street 12, tenants”.")).toBeVisible();
  await expect(guest.page.getByRole("heading", { name: "This room was deleted." })).toBeVisible();
  await guest.open(link);
  await expect(guest.page.getByRole("heading", { name: "There is no such room." })).toBeVisible();
});

test("a room is found by its id, typed in any way", async ({ person }) => {
  const host = await person();
  await host.arrive();
  const link = await host.createRoom("Night line");
  const id = link.split("/").at(-1) ?? "";
  const guest = await person();
  await guest.arrive();
  await guest.page.getByLabel("Link or id of a room").fill("not a room");
  await guest.page.getByRole("button", { name: "Open", exact: true }).click();
  await expect(guest.page.getByText("This is neither a room’s link nor its id.")).toBeVisible();
  await guest.page.getByLabel("Link or id of a room").fill(id.toLowerCase().replace(/(.{4})(?=.)/g, "$1-"));
  await guest.page.getByRole("button", { name: "Open", exact: true }).click();
  await expect(guest.page.getByRole("heading", { name: "Night line" })).toBeVisible();
});
