// SPDX-License-Identifier: Apache-2.0
#include "sumdb/client.hpp"

#include <functional>
#include <utility>

#include <fmt/format.h>

#include "sumdb/record.hpp"

namespace larder::sumdb {

namespace {

constexpr std::uint64_t k_max_lookup = 2U << 20U;  // bytes; a record and a tree note of at most 1 MB
constexpr unsigned k_max_conflicts = 100;          // writers of `latest` that come first

// Wrong in itself, as opposed to not to be had.
bool is_damage(const Error& error) {
  return error.kind() == Kind::invalid || error.kind() == Kind::unverified;
}

std::string indented(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += c;
    if (c == '\n') out += '\t';
  }
  return out;
}

Result<void> check_in_tree(std::span<const Node> nodes, std::uint64_t size) {
  for (const auto& [level, number] : nodes) {
    if (level >= 63 || number >= size >> level)
      return fail(Kind::invalid, fmt::format("no node {} of level {} in the tree", number, level));
  }
  return {};
}

}  // namespace

// A signed tree, and what was proven of it.
struct Client::Head {
  Head(const TreeHead& the_tree, std::string the_note, unsigned height)
      : tree(the_tree), note(std::move(the_note)), tiles(the_tree, height) {}

  TreeHead tree;
  std::string note;
  std::mutex mutex;  // for all below
  TiledTree tiles;
  std::vector<Tile> fresh;  // proven, not yet cached
};

// One of find_all(), claimed.
struct Client::Question {
  std::size_t index;  // of the modules
  std::string file;
  std::optional<std::string> cached;
  std::optional<Result<Proven>> found;  // none: what is cached is damaged
};

Client::Client(VerifierKey key, Transport& transport, State& state, unsigned tile_height)
    : key_(std::move(key)),
      state_(state),
      transport_(transport),
      tile_height_(tile_height),
      tiles_(transport, state),
      latest_(std::make_shared<Head>(TreeHead{0, sha256("")}, "", tile_height)) {}

Client::HeadPtr Client::latest() const {
  const std::scoped_lock lock(mutex_);
  return latest_;
}

bool Client::forked() const {
  const std::scoped_lock lock(mutex_);
  return forked_;
}

Error Client::fork_notice() const {
  return {Kind::unverified, fmt::format("go.sum database server misbehavior detected: {}", key_.name())};
}

Result<void> Client::not_forked() const {
  if (!forked()) return {};
  return fail(fork_notice());
}

Result<void> Client::start(const std::stop_token& stop) {
  const std::scoped_lock lock(start_mutex_);
  if (started_) return {};
  TRY(merge(TRY(state_.latest()), stop));
  started_ = true;
  return {};
}

Result<std::string> Client::lookup(const gomod::Module& module, std::stop_token stop) {
  return TRY(find(module, std::move(stop))).record;
}

Result<void> Client::see(std::string_view note, std::stop_token stop) {
  TRY(not_forked());
  TRY(start(stop).context("initializing sumdb.Client"));
  return merge(note, stop);
}

Result<Evidence> Client::evidence(std::span<const std::uint64_t> ids, std::span<const std::uint64_t> older,
                                  std::stop_token stop, std::span<const Node> others) {
  TRY(not_forked());
  TRY(start(stop).context("initializing sumdb.Client"));
  const auto newest = latest();
  // A tree of its own: that of the newest head may know a tile from before, without those above it.
  const auto head = std::make_shared<Head>(newest->tree, newest->note, tile_height_);
  {
    const std::scoped_lock lock(newest->mutex);
    head->tiles.believe(newest->tiles);
  }
  Evidence out{head->tree, head->note, {}};
  std::vector<Node> nodes;
  for (const auto id : ids) {
    if (id >= head->tree.size) return fail(Kind::invalid, fmt::format("no record {} in the tree", id));
    nodes.push_back({0, id});
  }
  for (const auto size : older) {
    if (size > head->tree.size) return fail(Kind::invalid, fmt::format("the tree is smaller than {}", size));
    const auto part = cover(0, size);
    nodes.insert(nodes.end(), part.begin(), part.end());
  }
  TRY(check_in_tree(others, head->tree.size));
  nodes.insert(nodes.end(), others.begin(), others.end());
  if (head->tree.size == 0) return out;
  static_cast<void>(TRY(hashes(*head, nodes, stop)));
  save_proven(*head);
  for (const auto& tile : TiledTree(head->tree, tile_height_).plan(nodes).tiles) {
    out.tiles.emplace_back(tile, head->tiles.bytes(tile));
  }
  return out;
}

Result<std::vector<Digest>> Client::prove(std::span<const Node> nodes, const std::stop_token& stop) {
  TRY(not_forked());
  TRY(start(stop).context("initializing sumdb.Client"));
  const auto head = latest();
  TRY(check_in_tree(nodes, head->tree.size));
  auto out = TRY(hashes(*head, nodes, stop));
  save_proven(*head);
  return out;
}

Result<Proven> Client::find(const gomod::Module& module, std::stop_token stop) {
  TRY(not_forked());
  TRY(start(stop).context("initializing sumdb.Client"));
  const auto file = TRY(lookup_file(module));
  if (auto known = TRY(claim(file, stop))) return *std::move(known);
  auto found = look_up(module, file, stop);
  settle(file, found ? &*found : nullptr);
  if (found) TRY(not_forked());
  return found;
}

// What is known of it. nullopt: it is ours to ask, the others wait until it is settled.
Result<std::optional<Proven>> Client::claim(const std::string& file, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  auto& slot = records_[file];
  if (!settled_.wait(lock, stop, [&] { return !slot.is_claimed; })) return fail(Kind::cancelled, "cancelled");
  if (!slot.record) slot.is_claimed = true;
  return slot.record;
}

// The same, for who may not wait: false where there is nothing to ask, or others are asking.
bool Client::try_claim(const std::string& file) {
  const std::scoped_lock lock(mutex_);
  auto& slot = records_[file];
  if (slot.is_claimed || slot.record) return false;
  slot.is_claimed = true;
  return true;
}

// found: nullptr where there is nothing to keep.
void Client::settle(const std::string& file, const Proven* found) {
  {
    const std::scoped_lock lock(mutex_);
    auto& slot = records_[file];
    slot.is_claimed = false;
    if (found != nullptr && !forked_) slot.record = *found;
  }
  settled_.notify_all();
}

// What is known, or being asked by others, is left to find(): it may wait, and nobody may who has claims. So
// is what is damaged in the cache.
std::vector<Result<Proven>> Client::find_all(std::span<const gomod::Module> modules,
                                             const std::stop_token& stop) {
  std::vector<std::optional<Result<Proven>>> found(modules.size());
  if (!forked() && start(stop)) {
    auto asked = questions(modules);
    answer(asked, modules, stop);
    for (auto& one : asked) found[one.index] = std::move(one.found);
  }
  std::vector<Result<Proven>> out;
  for (std::size_t i = 0; i < modules.size(); ++i) {
    auto record = found[i] ? *std::move(found[i]) : find(modules[i], stop);
    if (record && forked()) record = fail(fork_notice());
    out.push_back(std::move(record));
  }
  return out;
}

std::vector<Client::Question> Client::questions(std::span<const gomod::Module> modules) {
  std::vector<Question> out;
  for (std::size_t i = 0; i < modules.size(); ++i) {
    const auto file = lookup_file(modules[i]);
    if (file && try_claim(*file)) out.push_back({i, *file, state_.cached(*file), std::nullopt});
  }
  return out;
}

std::vector<Result<std::string>> Client::read_lookups(std::span<const Question> questions,
                                                      const std::stop_token& stop) {
  std::vector<std::string> paths;
  for (const auto& one : questions) {
    if (!one.cached) paths.push_back("/" + one.file);
  }
  auto answers =
      paths.empty() ? std::vector<Result<std::string>>() : transport_.read(paths, k_max_lookup, stop);
  std::vector<Result<std::string>> out;
  for (auto next = answers.begin(); const auto& one : questions) {
    out.push_back(one.cached ? Result<std::string>(*one.cached) : std::move(*next++));
  }
  return out;
}

void Client::answer(std::span<Question> questions, std::span<const gomod::Module> modules,
                    const std::stop_token& stop) {
  const auto answers = read_lookups(questions, stop);
  auto records = proven(answers, stop);
  for (std::size_t i = 0; i < questions.size(); ++i) {
    auto& one = questions[i];
    auto& record = records[i];
    const bool fits = record && is_record_of(record->record, modules[one.index]);
    if (fits && !one.cached && !forked()) state_.cache(one.file, *answers[i]);
    const bool is_bad = record ? !fits : is_damage(record.error());
    const bool is_left = one.cached && is_bad && !forked();
    settle(one.file, record && !is_left ? &*record : nullptr);
    if (!is_left) one.found = std::move(record);
  }
}

// What does not fit a lookup's name is not kept under it, or it would be in the way of the right one for
// ever.
Result<Proven> Client::look_up(const gomod::Module& module, const std::string& file,
                               const std::stop_token& stop) {
  if (const auto cached = state_.cached(file)) {
    auto record = proven_record(*cached, stop);
    if (record && is_record_of(record->record, module)) return record;
    if (!record && (!is_damage(record.error()) || forked())) return record;
  }
  auto answers = transport_.read({"/" + file}, k_max_lookup, stop);
  const auto answer = TRY(std::move(answers.front()));
  auto record = TRY(proven_record(answer, stop));
  if (is_record_of(record.record, module)) state_.cache(file, answer);
  return record;
}

Result<Proven> Client::proven_record(std::string_view answer, const std::stop_token& stop) {
  const auto lookup = TRY(parse_lookup(answer));
  TRY(merge(lookup.tree_note, stop));
  const auto head = latest();
  auto record = proven_in(*head, lookup, stop);
  save_proven(*head);
  return record;
}

// Views into the answers, and why some are none. Their trees lie on our line.
std::vector<Result<Lookup>> Client::placed(std::span<const Result<std::string>> answers,
                                           const std::stop_token& stop) {
  std::vector<Result<Lookup>> out;
  std::map<std::uint64_t, std::string_view, std::greater<>> notes;  // by the size that they claim
  for (const auto& answer : answers) {
    out.push_back(answer ? parse_lookup(*answer) : Result<Lookup>(fail(answer.error())));
    const auto tree =
        out.back() ? parse_tree_head(out.back()->tree_note) : Result<TreeHead>(fail(Kind::invalid, ""));
    if (tree) notes.emplace(tree->size, out.back()->tree_note);
  }
  // The newest comes first, and what places the others in it is loaded at once: they only differ in age, as
  // mirrors give them. What goes wrong here is told below.
  if (notes.size() > 1 && merge(notes.begin()->second, stop)) {
    const auto head = latest();
    std::vector<Node> nodes;
    for (const auto& [size, note] : notes) {
      const auto part = size < head->tree.size ? cover(0, size) : std::vector<Node>();
      nodes.insert(nodes.end(), part.begin(), part.end());
    }
    static_cast<void>(hashes(*head, nodes, stop).has_value());
  }
  for (auto& lookup : out) {
    const auto merged = lookup ? merge(lookup->tree_note, stop) : Result<void>();
    if (!merged) lookup = fail(merged.error());
  }
  return out;
}

// Their tiles are loaded together. Where one cannot be had or makes no sense they do not fail for each other;
// where the server is gone they all do.
std::vector<Result<Proven>> Client::proven(std::span<const Result<std::string>> answers,
                                           const std::stop_token& stop) {
  const auto lookups = placed(answers, stop);
  const auto head = latest();
  std::vector<Node> leaves;
  for (const auto& lookup : lookups) {
    if (lookup && lookup->id < head->tree.size) leaves.push_back({0, lookup->id});
  }
  const auto loaded = leaves.empty() ? Result<std::vector<Digest>>() : hashes(*head, leaves, stop);
  const bool is_gone =
      !loaded && (loaded.error().kind() == Kind::unavailable || loaded.error().kind() == Kind::cancelled);
  std::vector<Result<Proven>> out;
  for (const auto& lookup : lookups) {
    if (!lookup) {
      out.emplace_back(fail(lookup.error()));
    } else if (is_gone) {
      out.emplace_back(fail(loaded.error()));
    } else {
      out.push_back(proven_in(*head, *lookup, stop));
    }
  }
  save_proven(*head);
  return out;
}

Result<Proven> Client::proven_in(Head& head, const Lookup& lookup, const std::stop_token& stop) {
  if (lookup.id >= head.tree.size) {
    return fail(Kind::unverified,
                fmt::format("cannot validate record {} in tree of size {}", lookup.id, head.tree.size));
  }
  const Node leaf{0, lookup.id};
  if (TRY(hashes(head, {&leaf, 1}, stop)).front() != leaf_hash(lookup.record)) {
    return fail(Kind::unverified, "cannot authenticate record data in server response");
  }
  return Proven{lookup.id, std::string(lookup.record)};
}

// In memory first; then what moved forward is written back. What could not be written is tried again with the
// next note, old or new: no answer is proven by a head that the next run would not remember.
Result<void> Client::merge(std::string_view note, const std::stop_token& stop) {
  const bool is_new = TRY(merge_in_memory(note, stop)) == When::future;
  if (!is_ahead_.exchange(false) && !is_new) return {};
  auto written = write_back(stop);
  if (!written) is_ahead_ = true;
  return written;
}

// Unless another process was further.
Result<void> Client::write_back(const std::stop_token& stop) {
  for (unsigned i = 0; i < k_max_conflicts; ++i) {
    const auto seen = TRY(state_.latest());
    if (TRY(merge_in_memory(seen, stop)) != When::past) return {};
    if (TRY(state_.replace_latest(seen, latest()->note))) return {};
  }
  return fail(Kind::unavailable, fmt::format("{}/latest changes faster than it can be written", key_.name()));
}

Result<Client::When> Client::merge_in_memory(std::string_view note, const std::stop_token& stop) {
  if (note.empty()) return latest()->tree.size == 0 ? When::now : When::past;
  const auto digest = sha256(note);
  if (const auto when = seen_before(digest)) return *when;
  const auto text = open_note(note, key_);
  if (!text) {
    const auto& error = text.error();
    return fail(error.kind(), fmt::format("reading tree note: {}\nnote:\n{}", error.message(), note));
  }
  const auto tree = parse_tree_head(*text);
  if (!tree) {
    const auto& error = tree.error();
    return fail(error.kind(), fmt::format("reading tree: {}\ntree:\n{}", error.message(), *text));
  }
  const auto when = TRY(place(std::make_shared<Head>(*tree, std::string(note), tile_height_), stop));
  const std::scoped_lock lock(mutex_);
  notes_.emplace(digest, tree->size);
  return when;
}

// Mirrors answer many lookups with one note; a signature takes longer to check than all else of a lookup.
std::optional<Client::When> Client::seen_before(const Digest& note) const {
  const std::scoped_lock lock(mutex_);
  const auto it = notes_.find(note);
  if (it == notes_.end()) return std::nullopt;
  return it->second < latest_->tree.size ? When::past : When::now;
}

// Where a tree lies on the line that we know; the newest is adopted.
Result<Client::When> Client::place(const HeadPtr& head, const std::stop_token& stop) {
  for (;;) {
    const auto ours = latest();
    if (head->tree.size <= ours->tree.size) {
      TRY(check_extends(*head, *ours, stop));
      return head->tree.size < ours->tree.size ? When::past : When::now;
    }
    if (TRY(adopt(head, ours, stop))) return When::future;
  }
}

// false: another thread adopted one meanwhile.
Result<bool> Client::adopt(const HeadPtr& head, const HeadPtr& ours, const std::stop_token& stop) {
  const std::scoped_lock advancing(advance_mutex_);
  if (latest() != ours) return false;
  TRY(check_extends(*ours, *head, stop));
  std::scoped_lock both(head->mutex, ours->mutex);
  head->tiles.inherit(ours->tiles);
  const std::scoped_lock lock(mutex_);
  latest_ = head;
  on_our_line_.emplace(head->tree.size, head->tree.root);
  return true;
}

Result<void> Client::check_extends(const Head& older, Head& newer, const std::stop_token& stop) {
  if (older.tree == newer.tree || older.tree.size == 0) return {};
  const std::pair key(older.tree.size, older.tree.root);
  {
    const std::scoped_lock lock(mutex_);
    if (&newer == latest_.get() && on_our_line_.contains(key)) return {};
  }
  Digest found = newer.tree.root;
  if (older.tree.size < newer.tree.size) {
    const auto read = [&](std::span<const Node> nodes) { return hashes(newer, nodes, stop); };
    found =
        TRY(tree_hash(older.tree.size, read)
                .context(fmt::format("checking tree#{} against tree#{}", older.tree.size, newer.tree.size)));
  }
  if (found != older.tree.root) return report_fork(older, newer, found, stop);
  save_proven(newer);
  const std::scoped_lock lock(mutex_);
  on_our_line_.insert(key);
  return {};
}

// Tiles from anywhere; where they do not fit, all of them once more from the server.
Result<std::vector<Digest>> Client::hashes(Head& head, std::span<const Node> nodes,
                                           const std::stop_token& stop) {
  using From = TileLoader::From;
  for (const auto from : {From::anywhere, From::server}) {
    TiledTree::Plan plan;
    {
      const std::scoped_lock lock(head.mutex);
      plan = head.tiles.plan(nodes);
    }
    if (plan.tiles.empty()) break;
    const auto bytes = TRY(tiles_.load(plan.tiles, from, stop));
    const std::scoped_lock lock(head.mutex);
    const auto added = head.tiles.add(plan, bytes);
    if (!added && from == From::server) return fail(added.error());
    if (!added) continue;
    head.fresh.insert(head.fresh.end(), plan.tiles.begin(), plan.tiles.end());
    break;
  }
  const std::scoped_lock lock(head.mutex);
  std::vector<Digest> out;
  for (const auto& node : nodes) out.push_back(head.tiles.hash(node));
  return out;
}

void Client::save_proven(Head& head) {
  std::vector<Tile> proven;
  {
    const std::scoped_lock lock(head.mutex);
    proven.swap(head.fresh);
  }
  tiles_.save(proven);
}

// Both signed notes, and the proof that the newer tree does not begin with the older: everything that is
// needed to show it to others, without asking the server again.
Failure Client::report_fork(const Head& older, Head& newer, const Digest& found,
                            const std::stop_token& stop) {
  bool is_first = false;
  {
    const std::scoped_lock lock(mutex_);
    is_first = !std::exchange(forked_, true);
  }
  if (!is_first) return fail(fork_notice());
  auto text = fmt::format(
      "SECURITY ERROR\ngo.sum database server misbehavior detected!\n\nold database:\n\t{}\n"
      "new database:\n\t{}\nproof of misbehavior:\n\t{}",
      indented(older.note), indented(newer.note), found.base64());
  const auto read = [&](std::span<const Node> nodes) { return hashes(newer, nodes, stop); };
  const auto proof = prove_tree(newer.tree.size, older.tree.size, read);
  if (!proof) {
    text += fmt::format("\tinternal error: {}\n", proof.error().message());
  } else if (!check_tree(*proof, newer.tree, {older.tree.size, found})) {
    text += "\tinternal error: generated inconsistent proof\n";
  } else {
    for (const auto& hash : *proof) text += "\n\t" + hash.base64();
  }
  return fail(Kind::unverified, text);
}

}  // namespace larder::sumdb
