#include "app/cli/text_table.h"

#include <algorithm>

namespace lathe {

namespace {

/// Characters, not bytes; East Asian width is not looked at.
std::size_t width(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char sign) {
        return (static_cast<unsigned char>(sign) & 0xC0) != 0x80;
    }));
}

bool isNumber(const std::string& text) {
    return text.empty() || text == "-" || text.find_first_of("0123456789") <= 1;
}

} // namespace

std::string textTable(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths;
    std::vector<bool> leansRight;
    for (std::size_t r = 0; r < rows.size(); ++r)
        for (std::size_t c = 0; c < rows[r].size(); ++c) {
            widths.resize(std::max(widths.size(), c + 1));
            leansRight.resize(std::max(leansRight.size(), c + 1), true);
            widths[c] = std::max(widths[c], width(rows[r][c]));
            leansRight[c] = leansRight[c] && (r == 0 || isNumber(rows[r][c]));
        }
    std::string text;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t c = 0; c < row.size(); ++c) {
            const std::string gap(widths[c] - width(row[c]), ' ');
            line += (c == 0 ? "" : "  ") + (leansRight[c] ? gap + row[c] : row[c] + gap);
        }
        text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
    return text;
}

} // namespace lathe
