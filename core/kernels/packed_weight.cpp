#include "core/kernels/packed_weight.h"

#include "core/base/contract.h"

#include <ATen/OpaqueTensorImpl.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/tensor.h>
#include <algorithm>

namespace lathe {

namespace {

/// What a tensor without numbers stands for.
struct Handle {
    std::shared_ptr<const PackedWeight> weight; // shared: by the model and the steps that are under way
    bool isTransposed = false;
};
using HandleTensor = at::OpaqueTensorImpl<Handle>;

// A backend that LibTorch has a name and no operators for, so that each of them refuses the tensor by itself.
constexpr c10::DispatchKey kNoBackend = c10::DispatchKey::FPGA;

const Handle* handleOf(const at::Tensor& weight) {
    if (!weight.defined() || !weight.key_set().has(kNoBackend))
        return nullptr;
    auto* tensor = dynamic_cast<HandleTensor*>(weight.unsafeGetTensorImpl());
    return tensor == nullptr ? nullptr : &tensor->unsafe_opaque_handle();
}

at::Tensor tensorOf(Handle handle, at::ScalarType dtype) {
    LATHE_EXPECT(dtype == at::kFloat || dtype == at::kBFloat16);
    std::vector<std::int64_t> sizes{handle.weight->out(), handle.weight->in()};
    if (handle.isTransposed)
        std::ranges::reverse(sizes);
    return at::detail::make_tensor<HandleTensor>(c10::DispatchKeySet(kNoBackend),
                                                 caffe2::scalarTypeToTypeMeta(dtype), c10::Device(at::kCPU),
                                                 std::move(handle), sizes);
}

std::int64_t bytesOf(const at::Tensor& tensor) {
    return tensor.defined() ? static_cast<std::int64_t>(tensor.nbytes()) : 0;
}

bool holds(const at::Tensor& tensor, at::ScalarType dtype, std::int64_t count) {
    return tensor.defined() && tensor.scalar_type() == dtype && tensor.is_contiguous() &&
           tensor.numel() == count;
}

/// Of a table that are unpacked at a time: few enough for the processor's caches, and whole panels of the
/// products that read them.
std::int64_t tableRows(std::int64_t width) {
    constexpr std::int64_t kNumbers = 1 << 20;
    constexpr std::int64_t kPanel = 64;
    return std::max<std::int64_t>(1, kNumbers / (width * kPanel)) * kPanel;
}

std::int64_t blocksIn(std::int64_t count, std::int64_t size) { return (count + size - 1) / size; }

Nf4View viewOf(const Nf4Parts& parts, std::int64_t count) {
    Nf4View view;
    view.count = count;
    view.block = parts.block;
    view.codes = parts.codes.const_data_ptr<std::uint8_t>();
    view.levels = parts.levels.const_data_ptr<float>();
    view.nestedBlock = parts.nestedBlock;
    view.offset = parts.offset;
    view.rounding = parts.rounding;
    if (!parts.nestedAbsmax.defined()) {
        view.absmax = parts.absmax.const_data_ptr<float>();
        return view;
    }
    view.nestedCodes = parts.absmax.const_data_ptr<std::uint8_t>();
    view.nestedLevels = parts.nestedLevels.const_data_ptr<float>();
    view.nestedAbsmax = parts.nestedAbsmax.const_data_ptr<float>();
    return view;
}

at::Tensor copied(std::span<const float> values) {
    return at::tensor(at::ArrayRef<float>(values.data(), values.size()));
}

Nf4Parts nf4Of(const at::Tensor& weight, at::ScalarType dtype) {
    const Nf4Codes plain = encodeNf4(weight, kNf4Block);
    const NestedStatistics nested = nestStatistics(plain.absmax, plain.absmax.mean().item<float>());
    Nf4Parts parts;
    parts.codes = plain.codes;
    parts.levels = copied(nf4Levels());
    parts.absmax = nested.codes;
    parts.nestedLevels = copied(dynamicLevels());
    parts.nestedAbsmax = nested.absmax;
    parts.offset = nested.offset;
    parts.rounding = dtype;
    return parts;
}

Status requireFinite(const at::Tensor& weight) {
    if (!at::isfinite(weight).all().item<bool>())
        return inputError("quantization", "a weight has numbers that are not finite, which no code stands "
                                          "for; take weights that are whole, or no quantisation");
    return ok();
}

} // namespace

at::Tensor ScratchPool::take(std::int64_t bytes) {
    at::Tensor memory;
    {
        const std::lock_guard lock(m_mutex);
        if (!m_free.empty()) {
            memory = std::move(m_free.back());
            m_free.pop_back();
        }
    }
    if (!memory.defined() || memory.numel() < bytes) {
        memory.reset(); // before the larger one is there
        memory = at::empty({bytes}, at::kByte);
    }
    return memory;
}

void ScratchPool::giveBack(at::Tensor memory) {
    const std::lock_guard lock(m_mutex);
    m_free.push_back(std::move(memory));
}

PackedWeight::PackedWeight(std::int64_t out, std::int64_t in, Nf4Parts parts,
                           std::shared_ptr<ScratchPool> scratch)
    : m_out(out), m_in(in), m_rowsAtOnce(out), m_parts(std::move(parts)), m_scratch(std::move(scratch)) {
    const auto& own = std::get<Nf4Parts>(m_parts);
    LATHE_EXPECT(m_scratch != nullptr && own.block > 0 && own.block % 2 == 0 && own.nestedBlock > 0);
    const std::int64_t blocks = blocksIn(out * in, own.block);
    LATHE_EXPECT(holds(own.codes, at::kByte, (out * in + 1) / 2) && holds(own.levels, at::kFloat, 16));
    LATHE_EXPECT(holds(own.absmax, own.nestedAbsmax.defined() ? at::kByte : at::kFloat, blocks));
    LATHE_EXPECT(!own.nestedAbsmax.defined() ||
                 (holds(own.nestedAbsmax, at::kFloat, blocksIn(blocks, own.nestedBlock)) &&
                  holds(own.nestedLevels, at::kFloat, 256)));
}

PackedWeight::PackedWeight(Int8Codes parts, std::shared_ptr<ScratchPool> scratch, Unpacking unpacking)
    : m_out(parts.codes.size(0)),
      m_in(parts.codes.size(1)),
      m_rowsAtOnce(unpacking == Unpacking::Whole ? m_out : std::min(m_out, tableRows(m_in))),
      m_parts(std::move(parts)),
      m_scratch(std::move(scratch)) {
    const auto& own = std::get<Int8Codes>(m_parts);
    LATHE_EXPECT(m_scratch != nullptr && holds(own.codes, at::kChar, m_out * m_in) &&
                 holds(own.scale, at::kFloat, m_out));
}

Quantisation PackedWeight::kind() const {
    return std::holds_alternative<Nf4Parts>(m_parts) ? Quantisation::Nf4 : Quantisation::Int8;
}

std::int64_t PackedWeight::bytes() const {
    if (const auto* int8 = std::get_if<Int8Codes>(&m_parts))
        return bytesOf(int8->codes) + bytesOf(int8->scale);
    const auto& nf4 = std::get<Nf4Parts>(m_parts);
    return bytesOf(nf4.codes) + bytesOf(nf4.levels) + bytesOf(nf4.absmax) + bytesOf(nf4.nestedLevels) +
           bytesOf(nf4.nestedAbsmax);
}

Int8View PackedWeight::viewOf(const Int8Codes& parts, const RowRange& rows) const {
    LATHE_EXPECT(rows.first >= 0 && rows.count >= 0 && rows.first + rows.count <= m_out);
    return {rows.count, m_in, parts.codes.const_data_ptr<std::int8_t>() + rows.first * m_in,
            parts.scale.const_data_ptr<float>() + rows.first};
}

void PackedWeight::unpackInto(const at::Tensor& into) const { unpackInto(into, {0, m_out}); }

void PackedWeight::unpackInto(const at::Tensor& into, const RowRange& rows) const {
    LATHE_EXPECT(into.is_contiguous() && into.numel() == rows.count * m_in);
    const auto write = [&](const auto& view) {
        if (into.scalar_type() == at::kFloat)
            decode(view, into.mutable_data_ptr<float>());
        else
            decode(view, into.mutable_data_ptr<c10::BFloat16>());
    };
    if (const auto* int8 = std::get_if<Int8Codes>(&m_parts))
        return write(viewOf(*int8, rows));
    LATHE_EXPECT(rows.count == m_out);
    write(lathe::viewOf(std::get<Nf4Parts>(m_parts), m_out * m_in));
}

at::Tensor PackedWeight::unpackedRows(const at::Tensor& rows, at::ScalarType dtype) const {
    const Int8View view = viewOf(std::get<Int8Codes>(m_parts), {0, m_out});
    const at::Tensor flat = rows.contiguous();
    const std::span chosen(flat.const_data_ptr<std::int64_t>(), static_cast<std::size_t>(flat.numel()));
    LATHE_EXPECT(std::ranges::all_of(chosen, [this](std::int64_t row) { return row >= 0 && row < m_out; }));
    at::Tensor dense = at::empty({flat.numel(), m_in}, dtype);
    if (dtype == at::kFloat)
        decodeRows(view, chosen, dense.mutable_data_ptr<float>());
    else
        decodeRows(view, chosen, dense.mutable_data_ptr<c10::BFloat16>());
    return dense;
}

at::Tensor PackedWeight::unpacked(at::ScalarType dtype) const {
    const at::ScalarType direct = dtype == at::kBFloat16 ? at::kBFloat16 : at::kFloat;
    const at::Tensor dense = at::empty({m_out, m_in}, direct);
    unpackInto(dense);
    return dense.to(dtype);
}

std::shared_ptr<const PackedWeight> PackedWeight::absolute() const {
    if (const auto* int8 = std::get_if<Int8Codes>(&m_parts))
        return std::make_shared<const PackedWeight>(Int8Codes{int8->codes.abs(), int8->scale}, m_scratch,
                                                    m_rowsAtOnce < m_out ? Unpacking::SomeRows
                                                                         : Unpacking::Whole);
    Nf4Parts parts = std::get<Nf4Parts>(m_parts);
    parts.levels = parts.levels.abs(); // codes and statistics, which are not negative, serve both
    return std::make_shared<const PackedWeight>(m_out, m_in, std::move(parts), m_scratch);
}

Result<std::shared_ptr<const PackedWeight>> packWeight(const at::Tensor& weight, Quantisation kind,
                                                       at::ScalarType dtype,
                                                       std::shared_ptr<ScratchPool> scratch) {
    LATHE_EXPECT(kind != Quantisation::None && weight.dim() == 2);
    LATHE_TRY(requireFinite(weight));
    if (kind == Quantisation::Int8)
        return std::make_shared<const PackedWeight>(encodeInt8(weight), std::move(scratch));
    return std::make_shared<const PackedWeight>(weight.size(0), weight.size(1), nf4Of(weight, dtype),
                                                std::move(scratch));
}

Result<std::shared_ptr<const PackedWeight>> packTable(const at::Tensor& table,
                                                      std::shared_ptr<ScratchPool> scratch) {
    LATHE_EXPECT(table.dim() == 2);
    const std::int64_t rows = table.size(0);
    Int8Codes parts{at::empty(table.sizes(), at::kChar), at::empty({rows}, at::kFloat)};
    const std::int64_t most = tableRows(table.size(1)); // floats of all rows would be four times the codes
    for (std::int64_t first = 0; first < rows; first += most) {
        const std::int64_t count = std::min(most, rows - first);
        const at::Tensor some = table.narrow(0, first, count);
        LATHE_TRY(requireFinite(some));
        const Int8Codes made = encodeInt8(some);
        parts.codes.narrow(0, first, count).copy_(made.codes);
        parts.scale.narrow(0, first, count).copy_(made.scale);
    }
    return std::make_shared<const PackedWeight>(std::move(parts), std::move(scratch), Unpacking::SomeRows);
}

at::Tensor packedTensor(std::shared_ptr<const PackedWeight> weight, at::ScalarType dtype) {
    return tensorOf({std::move(weight), false}, dtype);
}

const PackedWeight* packedIn(const at::Tensor& weight) {
    const Handle* handle = handleOf(weight);
    return handle == nullptr ? nullptr : handle->weight.get();
}

at::Tensor transposedWeight(const at::Tensor& weight) {
    const Handle* handle = handleOf(weight);
    return handle == nullptr ? weight.t()
                             : tensorOf({handle->weight, !handle->isTransposed}, weight.scalar_type());
}

at::Tensor anotherHandle(const at::Tensor& weight) {
    const Handle* handle = handleOf(weight);
    return handle == nullptr ? weight.detach() : tensorOf(*handle, weight.scalar_type());
}

at::Tensor absoluteWeight(const at::Tensor& weight) {
    const Handle* handle = handleOf(weight);
    if (handle == nullptr)
        return weight.detach().abs();
    return tensorOf({handle->weight->absolute(), handle->isTransposed}, weight.scalar_type());
}

at::Tensor denseOf(const at::Tensor& weight) {
    const Handle* handle = handleOf(weight);
    if (handle == nullptr)
        return weight;
    const at::Tensor dense = handle->weight->unpacked(weight.scalar_type());
    return handle->isTransposed ? dense.t() : dense;
}

at::Tensor rowsOf(const at::Tensor& table, const at::Tensor& ids) {
    const PackedWeight* packed = packedIn(table);
    if (packed == nullptr)
        return at::embedding(table, ids);
    std::vector<std::int64_t> shape = ids.sizes().vec();
    shape.push_back(packed->in());
    return packed->unpackedRows(ids, table.scalar_type()).view(shape);
}

std::vector<RowRange> unpackedTogether(const at::Tensor& weight) {
    const Handle* handle = handleOf(weight);
    const bool isTable = handle != nullptr && !handle->isTransposed;
    const std::int64_t rows = weight.size(0);
    const std::int64_t most = isTable ? handle->weight->rowsAtOnce() : rows;
    std::vector<RowRange> ranges;
    for (std::int64_t first = 0; first < rows; first += most)
        ranges.push_back({first, std::min(most, rows - first)});
    return ranges;
}

void DenseWeight::unpack(const PackedWeight& packed, const RowRange& rows, at::ScalarType dtype) {
    m_scratch = &packed.scratch();
    const std::int64_t bytes = rows.count * packed.in() * static_cast<std::int64_t>(c10::elementSize(dtype));
    m_memory = m_scratch->take(bytes);
    m_tensor = m_memory.narrow(0, 0, bytes).view(dtype).view({rows.count, packed.in()});
    packed.unpackInto(m_tensor, rows);
}

DenseWeight::DenseWeight(const at::Tensor& weight) : DenseWeight(weight, {0, weight.size(0)}) {}

DenseWeight::DenseWeight(const at::Tensor& weight, const RowRange& rows) {
    const Handle* handle = handleOf(weight);
    const bool isAll = rows.count == weight.size(0);
    if (handle == nullptr) {
        m_tensor = isAll ? weight : weight.narrow(0, rows.first, rows.count);
    } else if (!handle->isTransposed) {
        unpack(*handle->weight, rows, weight.scalar_type());
    } else {
        LATHE_EXPECT(isAll);
        unpack(*handle->weight, {0, handle->weight->out()}, weight.scalar_type());
        m_tensor = m_tensor.t();
    }
}

DenseWeight::~DenseWeight() {
    if (m_scratch != nullptr)
        m_scratch->giveBack(std::move(m_memory));
}

} // namespace lathe
