// SPDX-License-Identifier: Apache-2.0
#include "store/memory/memory_store.hpp"

#include <condition_variable>
#include <map>
#include <set>
#include <utility>

#include "sys/parallel.hpp"

namespace larder::store {

namespace {

struct Object {
  std::shared_ptr<const std::string> data;
  ObjectInfo info;
};

struct State {
  std::map<std::string, Object, std::less<>> objects;
  std::set<std::string, std::less<>> locked;
  std::uint64_t next_identity = 1;

  void set(std::string_view key, std::shared_ptr<const std::string> data) {
    const ObjectInfo info{.size = data->size(), .identity = next_identity++};
    objects.insert_or_assign(std::string(key), Object{std::move(data), info});
  }
};

struct Shared {
  sys::Sync<State> state;
  std::condition_variable released;
};

class MemoryBlob final : public Blob {
 public:
  explicit MemoryBlob(Object object) : object_(std::move(object)) {}
  const ObjectInfo& info() const override { return object_.info; }
  Result<Bytes> bytes() override { return as_bytes(*object_.data); }

 private:
  Object object_;
};

class MemoryUpload final : public Upload {
 public:
  MemoryUpload(std::shared_ptr<Shared> shared, std::string key)
      : shared_(std::move(shared)), key_(std::move(key)) {}
  Result<void> write(Bytes data) override {
    data_ += as_text(data);
    return {};
  }
  Result<void> rewind() override {
    data_.clear();
    return {};
  }
  Result<std::unique_ptr<Blob>> read_back() override {
    Object copy{std::make_shared<const std::string>(data_), {.size = data_.size()}};
    return std::unique_ptr<Blob>(std::make_unique<MemoryBlob>(std::move(copy)));
  }
  Result<void> commit() override {
    shared_->state.lock()->set(key_, std::make_shared<const std::string>(std::move(data_)));
    return {};
  }

 private:
  std::shared_ptr<Shared> shared_;
  std::string key_;
  std::string data_;
};

class MemoryLock final : public WriteLock {
 public:
  MemoryLock(std::shared_ptr<Shared> shared, std::string key)
      : shared_(std::move(shared)), key_(std::move(key)) {}
  ~MemoryLock() override {
    shared_->state.lock()->locked.erase(key_);
    shared_->released.notify_all();
  }

 private:
  std::shared_ptr<Shared> shared_;
  std::string key_;
};

class MemoryStore final : public Store {
 public:
  Result<std::optional<ObjectInfo>> stat(std::string_view key) override {
    TRY(check_key(key));
    auto state = shared_->state.lock();
    const auto it = state->objects.find(key);
    if (it == state->objects.end()) return std::nullopt;
    return it->second.info;
  }

  Result<std::unique_ptr<Blob>> open(std::string_view key) override {
    TRY(check_key(key));
    auto state = shared_->state.lock();
    const auto it = state->objects.find(key);
    if (it == state->objects.end()) return absent(key);
    return std::unique_ptr<Blob>(std::make_unique<MemoryBlob>(it->second));
  }

  Result<std::unique_ptr<Upload>> create(std::string_view key) override {
    TRY(check_key(key));
    return std::unique_ptr<Upload>(std::make_unique<MemoryUpload>(shared_, std::string(key)));
  }

  Result<void> put(std::string_view key, Bytes data) override {
    TRY(check_key(key));
    shared_->state.lock()->set(key, std::make_shared<const std::string>(as_text(data)));
    return {};
  }

  Result<void> remove(std::string_view key) override {
    TRY(check_key(key));
    auto state = shared_->state.lock();
    if (const auto it = state->objects.find(key); it != state->objects.end()) state->objects.erase(it);
    return {};
  }

  Result<void> move(std::string_view from, std::string_view to) override {
    TRY(check_key(from));
    TRY(check_key(to));
    auto state = shared_->state.lock();
    const auto it = state->objects.find(from);
    if (it == state->objects.end()) return absent(from);
    auto data = it->second.data;
    state->objects.erase(it);
    state->set(to, std::move(data));
    return {};
  }

  Result<std::vector<Child>> list(std::string_view prefix) override {
    if (!prefix.empty()) TRY(check_key(prefix));
    const std::string start = prefix.empty() ? std::string() : std::string(prefix) + "/";
    std::map<std::string, bool> children;
    auto state = shared_->state.lock();
    for (auto it = state->objects.lower_bound(start);
         it != state->objects.end() && it->first.starts_with(start); ++it) {
      const auto rest = std::string_view(it->first).substr(start.size());
      const auto slash = rest.find('/');
      children[std::string(rest.substr(0, slash))] |= slash != std::string_view::npos;
    }
    std::vector<Child> out;
    for (const auto& [name, is_prefix] : children) out.push_back({name, is_prefix});
    return out;
  }

  Result<std::unique_ptr<WriteLock>> lock(std::string_view key) override {
    TRY(check_key(key));
    auto state = shared_->state.lock();
    shared_->released.wait(state.lock(), [&] { return !state->locked.contains(key); });
    state->locked.emplace(key);
    return std::unique_ptr<WriteLock>(std::make_unique<MemoryLock>(shared_, std::string(key)));
  }

 private:
  static Failure absent(std::string_view key) {
    return fail(Kind::not_found, std::string(key) + ": no such object");
  }
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

}  // namespace

std::unique_ptr<Store> make_memory_store() {
  return std::make_unique<MemoryStore>();
}

}  // namespace larder::store
