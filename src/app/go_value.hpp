// SPDX-License-Identifier: Apache-2.0
// A value as `go list -f` and `go list -json` see it: what is printed for it, whether it counts as true, its
// JSON. Thread rule: immutable values, cheap to copy. Spec: go-resolution.md 7 (list -m).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace larder::app {

struct GoValue;
struct GoObject;

// A nil pointer or slice of a named type.
struct GoNil {
  std::string_view type;  // "*modinfo.ModuleError"; static text
};
struct GoTime {
  std::string rfc3339;
};
using GoList = std::vector<GoValue>;

struct GoValue {
  std::variant<GoNil, bool, std::int64_t, std::string, GoTime, std::shared_ptr<const GoList>,
               std::shared_ptr<const GoObject>>
      is;

  template <class T>
  const T* as() const {
    return std::get_if<T>(&is);
  }
  const GoObject* object() const;  // nullptr: it is none
  const GoList* list() const;      // nullptr: it is none
};

// A pointer to a struct.
struct GoObject {
  std::string_view type;                                     // "*modinfo.ModulePublic"; static text
  std::vector<std::pair<std::string_view, GoValue>> fields;  // in the order of the struct; static names
  std::string text;                                          // what its String method gives; "" without one

  const GoValue* field(std::string_view name) const;
};

GoValue go_list(const std::vector<std::string>& texts);

// Neither false, 0, "", nil nor an empty list.
bool go_truth(const GoValue& value);
// As Go's %v prints it.
std::string go_text(const GoValue& value);
// Go's name of its type: "string", "[]string", "*modinfo.ModulePublic".
std::string_view go_type(const GoValue& value);

// "2006-01-02" and its kin; years, months, days, hours, minutes, seconds and zones in numbers. Text that is
// none of these stands for itself.
std::string format_go_time(const GoTime& time, std::string_view layout);

// Tab-indented, as Go's MarshalIndent, with what is empty left out of objects; without a newline at the end.
std::string go_json(const GoValue& value);

}  // namespace larder::app
