#pragma once

class QTableView;

namespace lathe {

/// A table whose rows are chosen whole, one at a time, and never edited: no grid, no numbers in front, Tab
/// leaves it. rowHeight in pixels.
void setUpRowTable(QTableView& table, int rowHeight);

} // namespace lathe
