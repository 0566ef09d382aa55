// SPDX-License-Identifier: Apache-2.0

#include "client/cli/lab/clean_command.h"

#include <memory>

#include "client/cli/lab/interrupt.h"
#include "client/cli/lab/lab_commands.h"
#include "client/cli/lab/load_arguments.h"
#include "fmt/format.h"

namespace pinhole::cli {
namespace {

absl::Status Clean(Context& context, const std::string& run) {
  if (!run.empty()) {
    if (auto wrong = lab::CheckRun(run); !wrong.ok()) {
      return Failed(context, wrong);
    }
  }
  const auto target = TargetOf(context);
  if (!target.ok()) return Failed(context, target.status());
  const Interrupt interrupt;
  const auto cleanup = lab::DeleteAccounts(*target, run, interrupt.stop());
  if (!cleanup.ok()) return Failed(context, cleanup.status());
  const std::string text = DescribeCleanup(context, cleanup, run);
  if (cleanup->failed > 0) return absl::AbortedError(text);
  if (context.json) {
    context.Write(fmt::format("{{\"deleted\":{},\"notDeleted\":{}}}\n",
                              cleanup->deleted, cleanup->foreign));
  } else {
    context.Write(text + "\n");
  }
  if (cleanup->stopped) context.exit_code = kInterrupted;
  return absl::OkStatus();
}

}  // namespace

std::string DescribeCleanup(const Context& context,
                            const absl::StatusOr<lab::Cleanup>& cleanup,
                            const std::string& run) {
  const std::string again =
      fmt::format("`{} lab clean{}{}` deletes the rest.", context.program,
                  run.empty() ? "" : " ", run);
  if (!cleanup.ok()) {
    return fmt::format("The accounts cannot be looked up: {}. {}",
                       std::string(cleanup.status().message()), again);
  }
  std::string text = fmt::format("Deleted {} accounts.", cleanup->deleted);
  if (cleanup->foreign > 0) {
    text += fmt::format(
        " {} accounts have handles like the lab's but another password, and "
        "were left alone.",
        cleanup->foreign);
  }
  if (cleanup->failed > 0) {
    text += fmt::format(" {} accounts could not be deleted: {}. {}",
                        cleanup->failed, cleanup->failure, again);
  } else if (cleanup->stopped) {
    text += " Interrupted: " + again;
  }
  return text;
}

void AddCleanCommand(CliCommand lab, Context& context) {
  CliCommand command = lab.AddCommand(
      "clean",
      "Delete the accounts that runs of the lab left on a server, for "
      "example `stress` with the profile newcomer");
  auto run = std::make_shared<std::string>();
  command.Add("run", *run,
              "Prefix of the handles of one run, as the run printed it, for "
              "example lab3f2a1b4c; all runs if omitted");
  context.On(command, [&context, run] { return Clean(context, *run); });
}

}  // namespace pinhole::cli
