#include "core/train/training_run.h"

/// A run's place among others that train over the same base at the same time.

namespace lathe {

/// Only trials that may run beside others find a desk.
Status TrainingRun::openPack() {
    if (m_desk == nullptr)
        return ok();
    LATHE_ASSIGN(m_pack, m_desk->packFor(m_recipe));
    return ok();
}

/// Which trials share a pass depends on the clock, and the last digits of a product with the base on how many
/// rows it has: where the same numbers are due again each steps by itself, over the base that all share.
void TrainingRun::takeSeat() {
    if (m_pack && !m_context.isRepeatable)
        m_seat = m_pack->join(*m_model, *m_adapter);
    if (m_desk == nullptr || m_seat || m_recipe.text("pack_trials") != "always")
        return;
    log(LogLine::Level::Info,
        m_pack && m_context.isRepeatable
            ? "steps by itself, over the base that all share: the study is to be the same again bit for bit"
            : "trains by itself: only plain LoRA of a causal model on the CPU is packed");
}

void TrainingRun::standAside() {
    if (m_seat)
        m_seat->standAside();
}

} // namespace lathe
