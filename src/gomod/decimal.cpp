// SPDX-License-Identifier: Apache-2.0
#include "gomod/decimal.hpp"

namespace larder::gomod {

std::string plus_one(std::string_view number) {
  std::string out(number);
  auto digit = out.rbegin();
  for (; digit != out.rend() && *digit == '9'; ++digit) *digit = '0';
  if (digit == out.rend()) return "1" + out;
  ++*digit;
  return out;
}

std::string minus_one(std::string_view number) {
  if (number.find_first_not_of('0') == std::string_view::npos) return {};
  std::string out(number);
  auto digit = out.rbegin();
  for (; *digit == '0'; ++digit) *digit = '9';
  --*digit;
  const auto first = out.find_first_not_of('0');
  return first == std::string::npos ? "0" : out.substr(first);
}

}  // namespace larder::gomod
