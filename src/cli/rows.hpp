// SPDX-License-Identifier: Apache-2.0
// The makers that commands.cpp lists; each is defined in the file of its command.
#pragma once

#include "cli/command.hpp"

namespace larder::cli {

std::unique_ptr<Command> make_stock();
std::unique_ptr<Command> make_check();
std::unique_ptr<Command> make_prove();
std::unique_ptr<Command> make_pack();
std::unique_ptr<Command> make_unpack();
std::unique_ptr<Command> make_bundle_ls();
std::unique_ptr<Command> make_bundle_verify();
std::unique_ptr<Command> make_restore();
std::unique_ptr<Command> make_serve();
std::unique_ptr<Command> make_key_new();
std::unique_ptr<Command> make_key_show();
std::unique_ptr<Command> make_env();
std::unique_ptr<Command> make_doctor();
std::unique_ptr<Command> make_cache_verify();
std::unique_ptr<Command> make_completion();
std::unique_ptr<Command> make_version();

int run_mod_download(Session& session, const std::vector<std::string>& args);
int run_mod_edit(Session& session, const std::vector<std::string>& args);
int run_mod_init(Session& session, const std::vector<std::string>& args);
int run_mod_verify(Session& session, const std::vector<std::string>& args);
int run_mod_graph(Session& session, const std::vector<std::string>& args);
int run_work_edit(Session& session, const std::vector<std::string>& args);
int run_work_init(Session& session, const std::vector<std::string>& args);
int run_work_use(Session& session, const std::vector<std::string>& args);
int run_work_sync(Session& session, const std::vector<std::string>& args);
int run_work_vendor(Session& session, const std::vector<std::string>& args);
int run_mod_tidy(Session& session, const std::vector<std::string>& args);
int run_mod_vendor(Session& session, const std::vector<std::string>& args);
int run_mod_why(Session& session, const std::vector<std::string>& args);
int run_list_m(Session& session, const std::vector<std::string>& args);

}  // namespace larder::cli
