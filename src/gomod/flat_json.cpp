// SPDX-License-Identifier: Apache-2.0
#include "gomod/flat_json.hpp"

namespace larder::gomod {

namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool object(std::string_view name, bool may_nest) {
    if (!take('{')) return false;
    do {
      const auto field = string();
      if (!field || field->empty() || !take(':')) return false;
      if (may_nest && rest_.starts_with('{')) {
        if (!object(*field, false)) return false;
        continue;
      }
      const auto value = string();
      if (!value) return false;
      fields_.push_back({name, *field, *value});
    } while (take(','));
    return take('}');
  }
  bool at_end() const { return rest_.empty(); }
  std::vector<FlatField>& fields() { return fields_; }

 private:
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::optional<std::string_view> string() {
    if (!take('"')) return std::nullopt;
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      const auto c = static_cast<unsigned char>(rest_[i]);
      if (c == '"') {
        const auto out = rest_.substr(0, i);
        rest_.remove_prefix(i + 1);
        return out;
      }
      if (c < 0x20 || c >= 0x7f || c == '\\') return std::nullopt;
    }
    return std::nullopt;
  }

  std::string_view rest_;
  std::vector<FlatField> fields_;
};

}  // namespace

std::optional<std::vector<FlatField>> read_flat_json(std::string_view text) {
  Reader reader(text);
  if (!reader.object("", true) || !reader.at_end()) return std::nullopt;
  return std::move(reader.fields());
}

}  // namespace larder::gomod
