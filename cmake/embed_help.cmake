# cmake -DOUT=help_texts.cpp "-DFILES=a.md;b.md" -P embed_help.cmake
set(rows "")
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME_WE)
  string(REPLACE "_" " " name ${name})
  file(READ ${file} text)
  string(APPEND rows "    {\"${name}\", R\"help(${text})help\"},\n")
endforeach()
file(WRITE ${OUT} "// Made by cmake/embed_help.cmake from src/cli/*.md.
#include <string_view>
#include <utility>

#include \"cli/command.hpp\"

namespace larder::cli {
std::string_view help_text(std::string_view name) {
  static constexpr std::pair<std::string_view, std::string_view> k_texts[] = {
${rows}  };
  for (const auto& [key, text] : k_texts) {
    if (key == name) return text;
  }
  return {};
}
}  // namespace larder::cli
")
