// SPDX-License-Identifier: Apache-2.0

#include <memory>
#include <utility>

#include "client/cli/commands/arguments.h"
#include "client/cli/commands/commands.h"
#include "fmt/format.h"
#include "pinhole/names.h"

namespace pinhole::cli {
namespace {

using client::HandleOf;

constexpr char kGroup[] = "Account";

// Signs in, replaces the stored session and ends the previous one.
absl::Status SignIn(Context& context, const std::string& handle,
                    const std::string& password) {
  context.signing_in = true;
  auto connected = context.Connect();
  if (!connected.ok()) return connected.status();
  client::Client& client = **connected;
  client::Client before = client;
  auto session = client.Login(handle, password);
  if (!session.ok()) return session.status();
  auto saved = context.sessions.Save(
      context.target, {HandleOf(session->user()), session->token()});
  if (!saved.ok()) return saved;
  // Best effort: the previous token is no longer stored anywhere.
  if (context.session()) before.Logout().IgnoreError();
  return absl::OkStatus();
}

absl::Status Register(Context& context, const std::string& handle,
                      const std::string& display_name, bool from_stdin) {
  const auto password = ReadNewPassword(context.terminal, from_stdin,
                                        "PINHOLE_PASSWORD", "New password: ");
  if (!password.ok()) return password.status();
  auto connected = context.Connect();
  if (!connected.ok()) return connected.status();
  // Without the stored token: if its session has ended, the server would refuse
  // the call.
  client::Client stranger = **connected;
  stranger.set_token("");
  const auto user = stranger.Register(handle, *password, display_name);
  if (!user.ok()) return user.status();
  if (auto status = SignIn(context, handle, *password); !status.ok()) {
    return status;
  }
  return context.Show(
      *user, fmt::format("Registered and signed in as @{}.", user->handle()));
}

absl::Status Login(Context& context, const std::string& user, bool from_stdin) {
  const std::string handle = HandleOf(user);
  const auto password =
      ReadPassword(context.terminal, from_stdin, "PINHOLE_PASSWORD",
                   fmt::format("Password of @{}: ", handle));
  if (!password.ok()) return password.status();
  if (auto status = SignIn(context, handle, *password); !status.ok()) {
    return status;
  }
  const auto me = (*context.Connect())->GetUser();
  if (!me.ok()) return me.status();
  return context.Show(*me, fmt::format("Signed in as @{}.", me->handle()));
}

absl::Status Logout(Context& context) {
  auto connected = context.Connect();
  if (!connected.ok()) return connected.status();
  if (!context.session()) {
    context.Say("Not signed in.");
    return absl::OkStatus();
  }
  const auto status = (*connected)->Logout();
  // The session may have ended already.
  if (!status.ok() && !absl::IsUnauthenticated(status)) return status;
  context.Say("Signed out.");
  return context.sessions.Remove(context.target);
}

absl::Status ChangePassword(Context& context, bool from_stdin) {
  auto connected = context.Connect();
  if (!connected.ok()) return connected.status();
  const auto old_password = ReadPassword(
      context.terminal, from_stdin, "PINHOLE_PASSWORD", "Current password: ");
  if (!old_password.ok()) return old_password.status();
  const auto new_password = ReadNewPassword(
      context.terminal, from_stdin, "PINHOLE_NEW_PASSWORD", "New password: ");
  if (!new_password.ok()) return new_password.status();
  auto status = (*connected)->ChangePassword(*old_password, *new_password);
  if (status.ok())
    context.Say("The password was changed. All other sessions have ended.");
  return status;
}

// Whether `user` is the signed-in user.  Must be called after `Connect`.
bool IsCaller(const Context& context, const std::string& user) {
  return user == "users/me" ||
         (context.session() && context.session()->handle == HandleOf(user));
}

absl::Status DeleteAccount(Context& context, const std::string& user,
                           bool from_stdin) {
  auto connected = context.Connect();
  if (!connected.ok()) return connected.status();
  const auto password =
      ReadPassword(context.terminal, from_stdin, "PINHOLE_PASSWORD",
                   "Your password, to confirm the deletion: ");
  if (!password.ok()) return password.status();
  auto status = (*connected)->DeleteUser(user, *password);
  if (!status.ok()) return status;
  if (!IsCaller(context, user)) {
    context.Say(fmt::format("The account of @{} and all its data were deleted.",
                            HandleOf(user)));
    return absl::OkStatus();
  }
  context.Say("The account and all its data were deleted.");
  return context.sessions.Remove(context.target);
}

absl::Status WhoAmI(Context& context) {
  auto connected = context.Connect();
  if (!connected.ok()) return connected.status();
  return context.Show((*connected)->GetUser());
}

absl::Status Profile(Context& context, const std::string& user,
                     const client::UserChanges& changes) {
  auto connected = context.Connect();
  if (!connected.ok()) return connected.status();
  if (!changes.display_name && !changes.bio) {
    return context.Show((*connected)->GetUser(user));
  }
  if (!IsCaller(context, user)) {
    return context.Misuse(
        "--display-name and --bio change your own profile; leave out HANDLE");
  }
  return context.Show((*connected)->UpdateUser(changes));
}

void AddProfile(CliCommand app, Context& context) {
  CliCommand command =
      app.AddCommand("profile", "Show the profile of a user, or change yours");
  auto user = AddOptionalHandle(command.Group(kGroup));
  auto display_name = std::make_shared<std::string>();
  const Option new_name =
      command.Add("--display-name", *display_name,
                  "New display name, at most 50 characters; an empty text "
                  "removes it");
  auto bio = std::make_shared<std::string>();
  const Option new_bio =
      command.Add("--bio", *bio,
                  "New bio, at most 500 characters; an empty text removes it");
  context.On(command, [&context, user, display_name, new_name, bio, new_bio] {
    client::UserChanges changes;
    if (new_name.IsGiven()) changes.display_name = *display_name;
    if (new_bio.IsGiven()) changes.bio = *bio;
    return Profile(context, *user, changes);
  });
}

}  // namespace

void AddAccountCommands(CliCommand app, Context& context) {
  CliCommand command =
      app.AddCommand("register", "Create an account and sign in");
  auto handle = AddHandle(command.Group(kGroup));
  auto display_name = std::make_shared<std::string>();
  command.Add("--display-name", *display_name,
              "Display name, at most 50 characters");
  auto from_stdin = AddPasswordStdin(command);
  context.On(command, [&context, handle, display_name, from_stdin] {
    return Register(context, HandleOf(*handle), *display_name, *from_stdin);
  });

  command = app.AddCommand("login", "Sign in").Group(kGroup);
  handle = AddHandle(command);
  from_stdin = AddPasswordStdin(command);
  context.On(command, [&context, handle, from_stdin] {
    return Login(context, *handle, *from_stdin);
  });

  command = app.AddCommand("logout", "Sign out").Group(kGroup);
  context.On(command, [&context] { return Logout(context); });

  command = app.AddCommand("whoami", "Show the signed-in user");
  command.Group(kGroup);
  context.On(command, [&context] { return WhoAmI(context); });

  AddProfile(app, context);

  command = app.AddCommand(
      "passwd",
      "Change the password. Without a terminal, set PINHOLE_PASSWORD to the "
      "current and PINHOLE_NEW_PASSWORD to the new password");
  from_stdin = AddPasswordStdin(command.Group(kGroup));
  context.On(command, [&context, from_stdin] {
    return ChangePassword(context, *from_stdin);
  });

  command = app.AddCommand(
      "delete-account",
      "Delete your account and all its data; administrators can delete any "
      "account");
  auto user = AddOptionalHandle(command.Group(kGroup));
  from_stdin = AddPasswordStdin(command);
  context.On(command, [&context, user, from_stdin] {
    return DeleteAccount(context, *user, *from_stdin);
  });
}

}  // namespace pinhole::cli
