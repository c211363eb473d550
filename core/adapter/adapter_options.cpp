#include "core/adapter/adapter_options.h"

namespace lathe {

ParamSpec rankOption() {
    return {"rank",
            "adapter",
            "Rank",
            "",
            "Width of the low-rank product. More can learn more and costs more memory and time; 4 to 32 is "
            "usual.",
            IntDomain{1, 1024, 1, true},
            std::int64_t{8},
            {},
            false,
            true};
}

ParamSpec alphaOption() {
    return {"alpha",
            "adapter",
            "Alpha",
            "",
            "Scale of the adapter: its output is multiplied by alpha / rank. Twice the rank is a good start.",
            RealDomain{0, 4096, false, true},
            16.0,
            {},
            false,
            true};
}

ParamSpec dropoutOption() {
    return {"dropout",
            "adapter",
            "Dropout",
            "",
            "Share of the adapter's inputs set to zero while training; helps when data is scarce.",
            RealDomain{0, 0.9, false, false},
            0.0,
            {},
            true,
            true};
}

ParamSpec bottleneckOption() {
    return {"bottleneck_size",
            "adapter",
            "Bottleneck size",
            "",
            "Width of the adapter's middle layer. More can learn more and costs more memory and time; 16 to "
            "256 is usual.",
            IntDomain{1, 8192, 1, true},
            std::int64_t{64},
            {},
            false,
            true};
}

ParamSpec virtualTokensOption() {
    return {"virtual_tokens",
            "adapter",
            "Virtual tokens",
            "tokens",
            "Trained tokens in front of every text. They take room in the context; 10 to 50 is usual.",
            IntDomain{1, 1024, 1, true},
            std::int64_t{10},
            {},
            false,
            true};
}

ParamSpec biasOption() {
    return {"bias",
            "adapter",
            "Biases",
            "",
            "Biases of the base model that are trained along: none, those of the adapted modules, or all.",
            ChoiceDomain{{"none", "adapted", "all"}, {"None", "Of the adapted modules", "All"}, true},
            std::string("none"),
            {},
            true,
            true};
}

ParamSpec modulesToSaveOption() {
    return {"modules_to_save",
            "adapter",
            "Train whole",
            "",
            "Modules of the base model that are trained whole beside the adapter, such as score or "
            "classifier; names separated by commas. Empty: none.",
            TextDomain{TextDomain::Kind::Plain, true},
            std::string(),
            {},
            true,
            false};
}

} // namespace lathe
