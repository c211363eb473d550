#include "core/adapter/adapter_method.h"

#include "core/adapter/adapter_hub_config.h"
#include "core/adapter/heterolora.h"
#include "core/adapter/heterolora_method.h"
#include "core/adapter/subspace_methods.h"
#include "core/base/text.h"

#include <algorithm>
#include <exception>

namespace lathe {

const Registry<AdapterMethod>& adapterMethods() {
    static const Registry<AdapterMethod> registry = [] {
        Registry<AdapterMethod> all;
        all.add({"lora", "LoRA", "Adds a trained low-rank product beside frozen projections"},
                makeLoraMethod);
        all.add({"adalora", "AdaLoRA", "LoRA that prunes ranks while it trains, where they matter least"},
                makeAdaLoraMethod);
        all.add({"heterolora", "HeteroLoRA",
                 "LoRA modules and shortcuts, of which those that matter most are on within a budget"},
                makeHeteroLoraMethod);
        all.add({"vera", "VeRA", "Scales random matrices that all modules share; very few parameters"},
                makeVeraMethod);
        all.add({"loha", "LoHa", "Adds the Hadamard product of two low-rank products"}, makeLohaMethod);
        all.add({"lokr", "LoKr", "Adds a Kronecker product of two small matrices"}, makeLokrMethod);
        all.add({"ia3", "IA3", "Scales keys, values and feed-forward activations; fewest parameters"},
                makeIa3Method);
        all.add({"oft", "OFT", "Turns a projection's inputs by trained rotations, block by block"},
                makeOftMethod);
        all.add({"boft", "BOFT", "Turns them by butterflies of rotations, and scales the outputs"},
                makeBoftMethod);
        all.add({"adapter_h", "AdapterH", "Bottlenecks in series at both parts of each block (Houlsby)"},
                makeAdapterHMethod);
        all.add({"adapter_p", "AdapterP", "Bottlenecks in series behind the feed-forward parts (Pfeiffer)"},
                makeAdapterPMethod);
        all.add({"parallel", "Parallel adapter", "Bottlenecks beside projections or parts of each block"},
                makeParallelMethod);
        all.add({"prefix", "Prefix tuning", "Trains keys and values in front of the text in every layer"},
                makePrefixMethod);
        all.add(
            {"prefix_subspace", "Prefix subspace", "Trains a simplex of prefixes and heads; for few rows"},
            makePrefixSubspaceMethod);
        all.add(
            {"lora_subspace", "LoRA subspace", "Trains a simplex of LoRA adapters and heads; for few rows"},
            makeLoraSubspaceMethod);
        all.add({"bottleneck_subspace", "Bottleneck subspace",
                 "Trains a simplex of bottlenecks and heads; for few rows"},
                makeBottleneckSubspaceMethod);
        all.add({"prompt", "Prompt tuning", "Trains token vectors in front of the text"}, makePromptMethod);
        all.add({"p_tuning", "P-tuning", "Trains token vectors in front of the text through a small network"},
                makePTuningMethod);
        all.add({"bitfit", "BitFit", "Trains the biases of the model"}, makeBitFitMethod);
        all.add({"layer_norm", "Layer-norm tuning", "Trains the norms of the model"}, makeLayerNormMethod);
        all.add({"head", "Head only", "Trains the head for labels alone: the baseline of a frozen model"},
                makeHeadOnlyMethod);
        all.add({"full", "Full fine-tuning", "Trains every weight of the model"}, makeFullMethod);
        return all;
    }();
    return registry;
}

Result<std::unique_ptr<Adapter>> AdapterMethod::load(LanguageModel&, const PeftFolder& folder) const {
    return inputError(folder.configPath(), "is of a method whose files cannot be read");
}

Result<std::unique_ptr<Adapter>> loadAdapter(LanguageModel& model, const std::filesystem::path& folder) {
    if (isAdapterHubFolder(folder)) {
        try {
            return loadAdapterHub(model, folder);
        } catch (const std::exception& problem) { // a value of another type
            return inputError(folder.string(), std::string("cannot be used: ") + problem.what());
        }
    }
    LATHE_ASSIGN(const PeftFolder files, PeftFolder::read(folder));
    std::vector<std::string> known;
    for (const PartInfo& info : adapterMethods().list()) {
        LATHE_ASSIGN(const auto method, adapterMethods().make(info.id));
        if (method->peftType() != files.peftType()) {
            if (!method->peftType().empty() && std::ranges::find(known, method->peftType()) == known.end())
                known.push_back(method->peftType());
            continue;
        }
        try {
            if (std::error_code problem; std::filesystem::exists(folder / kShortcutsFile, problem))
                return loadHeteroLora(model, files, folder);
            return method->load(model, files);
        } catch (const std::exception& problem) { // a regex, or a value of another type
            return inputError(files.configPath(), std::string("cannot be used: ") + problem.what());
        }
    }
    return inputError(files.configPath(), "has the peft_type \"" + files.peftType() +
                                              "\", which is not supported; these are: " + joined(known));
}

} // namespace lathe
