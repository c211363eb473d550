#include "core/base/contract.h"
#include "core/model/alibi.h"
#include "core/model/textwise_tokens.h"
#include "core/model/transformer.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <numeric>

/// How a transformer reads several texts that stand in one row, without padding: everything that looks at one
/// token at a time (projections, norms, feed-forward parts: nearly all of the work) takes the row as it is;
/// attention, positions and pooling go text by text.

namespace lathe {

at::Tensor TransformerModel::hiddenApart(const Way& way, const ModelInput& given) const {
    LATHE_EXPECT(!given.mask.defined() && !given.positions.defined() && given.cache == nullptr);
    LATHE_EXPECT(std::accumulate(given.lengths.begin(), given.lengths.end(), std::int64_t{0}) ==
                 given.tokens());
    const VirtualTokens* tokens = virtualTokens();
    const auto texts = static_cast<std::int64_t>(given.lengths.size());
    const VirtualTokens::Content content =
        tokens != nullptr ? contentFor(*tokens, texts, given.lengths) : VirtualTokens::Content{};
    const std::int64_t past = content.keysAndValues.empty() ? 0 : tokens->count();
    const ModelInput input = eachWithVirtualTokens(given, content, past);
    const at::Tensor x =
        way.start.input.defined() ? way.start.input : toStream(m_embedding.forward(input, past), input);
    PassContext pass(input, past, m_spec.isCausal, x.options());
    if (m_rope)
        pass.angles = m_rope->atPositions(input.positions, x.options());
    separate(input, past, content, pass, x);
    return throughBlocks(x, pass, way, input.hiddenStates);
}

ModelInput TransformerModel::eachWithVirtualTokens(const ModelInput& given,
                                                   const VirtualTokens::Content& content,
                                                   std::int64_t past) const {
    ModelInput input = given;
    if (content.embeddings.defined()) {
        const at::Tensor text = given.embeddings.defined() ? given.embeddings : m_embedding.lookUp(given.ids);
        const at::Tensor front = content.embeddings.to(text.scalar_type()).unsqueeze(0); // [1, n, width]
        std::vector<at::Tensor> row;
        for (const at::Tensor& each : text.split_with_sizes(given.lengths, 1))
            row.insert(row.end(), {front, each});
        input.embeddings = at::cat(row, 1);
        input.ids = at::Tensor(); // whose number differs now
        if (given.types.defined()) {
            const at::Tensor zeros = at::zeros({1, front.size(1)}, given.types.options());
            std::vector<at::Tensor> types;
            for (const at::Tensor& each : given.types.split_with_sizes(given.lengths, 1))
                types.insert(types.end(), {zeros, each});
            input.types = at::cat(types, 1);
        }
        for (std::int64_t& length : input.lengths)
            length += front.size(1);
    }
    input.positions = positionsApart(input, past);
    return input;
}

at::Tensor TransformerModel::positionsApart(const ModelInput& input, std::int64_t past) const {
    std::vector<at::Tensor> positions;
    if (m_spec.embedding.counting == EmbeddingSpec::Counting::Ids && input.ids.defined()) {
        for (const at::Tensor& ids : input.ids.split_with_sizes(input.lengths, 1)) {
            const at::Tensor real = ids.ne(m_spec.padId.value_or(0)).to(at::kLong);
            positions.push_back((real.cumsum(1) + past) * real - 1);
        }
        return at::cat(positions, 1);
    }
    const auto whole = at::TensorOptions(at::kLong).device(device());
    for (const std::int64_t length : input.lengths)
        positions.push_back(at::arange(past, past + length, whole));
    return at::cat(positions).unsqueeze(0);
}

void TransformerModel::separate(const ModelInput& input, std::int64_t past,
                                const VirtualTokens::Content& content, PassContext& pass,
                                const at::Tensor& embedded) const {
    std::map<std::int64_t, std::shared_ptr<PassContext>> byLength;
    for (const std::int64_t length : input.lengths) {
        std::shared_ptr<PassContext>& text = byLength[length];
        if (!text) {
            text = std::make_shared<PassContext>(past, length, m_spec.isCausal, input.isEager,
                                                 embedded.options());
            if (m_spec.alibi)
                text->setBias(alibiBias(*m_spec.alibi, m_spec.blocks.front().attention.heads, {},
                                        past + length, embedded.options()));
        }
        pass.texts.push_back(text);
    }
    for (const auto& [keys, values] : content.keysAndValues)
        pass.prefix.emplace_back(keys.to(dtype()), values.to(dtype()));
}

at::Tensor TransformerModel::placesReadApart(const ModelInput& input, std::int64_t time) const {
    const auto texts = static_cast<std::int64_t>(input.lengths.size());
    const std::int64_t inFront = (time - input.tokens()) / texts;
    const bool isByIds = m_spec.head.pooling != HeadSpec::Pooling::FirstToken && m_spec.padId.has_value() &&
                         input.ids.defined();
    const at::Tensor ids = isByIds ? input.ids.cpu().contiguous() : at::Tensor();
    std::vector<std::int64_t> places;
    std::int64_t begin = 0; // in the hidden states
    std::int64_t first = 0; // in the ids
    for (const std::int64_t length : input.lengths) {
        if (m_spec.head.pooling == HeadSpec::Pooling::FirstToken) {
            places.push_back(begin);
        } else {
            std::int64_t last = length - 1;
            if (isByIds) { // the reference goes by the ids
                const std::int64_t* own = ids.const_data_ptr<std::int64_t>() + first;
                while (last > 0 && own[last] == *m_spec.padId)
                    --last;
            }
            places.push_back(begin + inFront + last);
        }
        begin += inFront + length;
        first += length;
    }
    return at::tensor(places, at::kLong).to(device());
}

} // namespace lathe
