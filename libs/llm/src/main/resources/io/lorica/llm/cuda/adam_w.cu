// AdamW (https://arxiv.org/abs/1711.05101) over all tensors of an adapter in one launch, its moments in
// float32 or, block by block, in 8 bits (https://arxiv.org/abs/2110.02861), and the gradients' norm before
// it. Parameters and gradients are float32; STORAGE is the type of a copy of the parameters that the forward
// pass reads, where one is wanted.
//
// Whatever changes from step to step is read from memory, so that a captured graph can run again.

#include "numeric.cuh"

constexpr int THREADS = 256;
constexpr int CHUNK = 8192;  // elements of one block of threads
constexpr int BLOCK = 256;   // elements that share a scale in 8 bits
constexpr int RESIDENT = 3;  // blocks of threads on a multiprocessor in 8 bits

// One tensor, as the host lays it out.
struct Parameter {
    float* values;
    float* gradient;
    void* first;          // float32 moments, or their 8-bit codes
    void* second;
    float* firstLargest;  // of each block, in 8 bits
    float* secondLargest;
    Stored* copy;         // or null; element i goes to row i / columns, column i % columns
    i64 copyStride;       // elements from one row of the copy to the next
    i64 elements;         // less than 2^31
    float rateFactor;
    float decay;
    float copyFactor;     // what the copy is multiplied with
    int copyColumns;
};

// A stretch of a tensor.
struct Chunk {
    int parameter;
    int number;
};

// What holds for one step.
struct Step {
    float rate;
    float beta1;
    float rest1;  // 1 - beta1
    float beta2;
    float rest2;
    float epsilon;
    float correction1;      // 1 - beta1^t
    float rootCorrection2;  // sqrt(1 - beta2^t)
};

// The norm of all gradients, what they are multiplied with, and whether a step before had no finite numbers.
struct Clip {
    float norm;
    float factor;
    float stopped;
};

DEVICE bool aligned(const void* address) { return ((u64) address & 15) == 0; }

DEVICE i64 startOf(Chunk chunk) { return (i64) chunk.number * CHUNK; }

DEVICE i64 endOf(Chunk chunk, const Parameter& p) { return min(p.elements, startOf(chunk) + CHUNK); }

// ---- the norm

// partial (chunks): the sum of squares of each chunk's gradients.
KERNEL __launch_bounds__(THREADS) sum_squares(const Parameter* parameters, const Chunk* chunks, float* partial) {
    const Chunk chunk = chunks[blockIdx.x];
    const Parameter p = parameters[chunk.parameter];
    const i64 end = endOf(chunk, p);
    i64 start = startOf(chunk);
    float sum = 0;
    if (aligned(p.gradient)) {
        for (i64 i = start + threadIdx.x * 4; i + 4 <= end; i += THREADS * 4) {
            float g[4];
            load<f32, 4>(p.gradient + i, g);
            sum += g[0] * g[0] + g[1] * g[1] + g[2] * g[2] + g[3] * g[3];
        }
        start = end & ~3ll;
    }
    for (i64 i = start + threadIdx.x; i < end; i += THREADS) {
        sum += p.gradient[i] * p.gradient[i];
    }
    sum = blockSum(sum);
    if (threadIdx.x == 0) {
        partial[blockIdx.x] = sum;
    }
}

// One block adds the parts, in double precision and always in the same order. Gradients come multiplied with a
// scale, which is taken out again; those longer than most are made as long as most, and most <= 0 leaves them. A norm
// or a loss that is no finite number makes the factor NaN: no update then, nor in the steps after it, of which the host
// may have given some already. loss may be null, which is no step.
KERNEL __launch_bounds__(THREADS) clip(
    const float* partial, int count, float inverseScale, float most, const float* loss, Clip* out) {
    __shared__ double sums[THREADS];
    double sum = 0;
    for (int i = threadIdx.x; i < count; i += THREADS) {
        sum += partial[i];
    }
    sums[threadIdx.x] = sum;
    for (int half = THREADS / 2; half > 0; half /= 2) {
        __syncthreads();
        if (threadIdx.x < half) {
            sums[threadIdx.x] += sums[threadIdx.x + half];
        }
    }
    if (threadIdx.x == 0) {
        const float norm = (float) sqrt(sums[0]) * inverseScale;
        const float factor = most > 0 ? fminf(1.0f, most / (norm + 1e-6f)) : 1.0f;
        const bool finite = norm - norm == 0 && (!loss || (*loss - *loss == 0 && out->stopped == 0));
        const float stopped = loss && !finite ? 1 : out->stopped;
        *out = {norm, finite ? factor * inverseScale : __uint_as_float(0x7fffffffu), stopped};
    }
}

// ---- one element

// A step's numbers for one tensor, so that an element takes no division but one.
struct Move {
    float beta1;
    float rest1;
    float beta2;
    float rest2;
    float epsilon;
    float rate;         // rate / correction1
    float inverseRoot;  // 1 / rootCorrection2
    float keep;         // 1 - rate decay
    float factor;

    // m <- beta1 m + (1 - beta1) g, v <- beta2 v + (1 - beta2) g^2,
    // p <- p (1 - rate decay) - rate m' / (sqrt(v') + epsilon), where m' and v' are corrected for their start at 0.
    // The GPU's own root and quotient are within 2^-21: next to nothing of a change that is itself small.
    DEVICE float operator()(float value, float gradient, float& m, float& v) const {
        const float g = factor * gradient;
        m = beta1 * m + rest1 * g;
        v = beta2 * v + rest2 * g * g;
        float root;
        asm("sqrt.approx.f32 %0, %1;" : "=f"(root) : "f"(v));
        return keep * value - rate * __fdividef(m, root * inverseRoot + epsilon);
    }
};

DEVICE Move moveOf(const Step& step, float factor, const Parameter& p) {
    const float rate = step.rate * p.rateFactor;
    return {
        step.beta1,
        step.rest1,
        step.beta2,
        step.rest2,
        step.epsilon,
        rate / step.correction1,
        1.0f / step.rootCorrection2,
        1.0f - rate * p.decay,
        factor};
}

// N neighbours, which lie in one row of the copy.
template <int N> DEVICE void storeCopy(const Parameter& p, u32 i, const float (&value)[N]) {
    const u32 row = i / (u32) p.copyColumns;
    Stored* to = p.copy + row * p.copyStride + (i - row * p.copyColumns);
    float x[N];
#pragma unroll
    for (int j = 0; j < N; j++) {
        x[j] = p.copyFactor * value[j];
    }
    if constexpr (N == 1 || sizeof(Stored) == 4) {
        store<Stored, N>(to, x);
    } else {
        *reinterpret_cast<uint2*>(to) = make_uint2(narrow2<Stored>(x[0], x[1]), narrow2<Stored>(x[2], x[3]));
    }
}

// Whether all can be taken four elements at a time.
DEVICE bool inFours(const Parameter& p) {
    return aligned(p.values) && aligned(p.gradient) && aligned(p.first) && aligned(p.second)
        && (!p.copy || (aligned(p.copy) && p.copyColumns % 4 == 0 && p.copyStride % 4 == 0));
}

// ---- moments in float32

template <int N> DEVICE void update(const Parameter& p, i64 i, const Move& move, bool clear) {
    float value[N], g[N], m[N], v[N];
    float* first = static_cast<float*>(p.first) + i;
    float* second = static_cast<float*>(p.second) + i;
    load<f32, N>(p.values + i, value);
    load<f32, N>(p.gradient + i, g);
    load<f32, N>(first, m);
    load<f32, N>(second, v);
#pragma unroll
    for (int j = 0; j < N; j++) {
        value[j] = move(value[j], g[j], m[j], v[j]);
    }
    store<f32, N>(p.values + i, value);
    store<f32, N>(first, m);
    store<f32, N>(second, v);
    if (p.copy) {
        storeCopy<N>(p, (u32) i, value);
    }
    if (clear) {
        const float zeros[N] = {};
        store<f32, N>(p.gradient + i, zeros);
    }
}

// step and clip lie in memory; clip is null where nothing is clipped. With clear, gradients are 0 afterwards.
KERNEL __launch_bounds__(THREADS) adam_w(
    const Parameter* parameters, const Chunk* chunks, const Step* steps, const Clip* clips, int clear) {
    const Chunk chunk = chunks[blockIdx.x];
    const Parameter p = parameters[chunk.parameter];
    const float factor = clips ? clips->factor : 1.0f;
    if (factor != factor) {
        return;
    }
    const Move move = moveOf(*steps, factor, p);
    const i64 end = endOf(chunk, p);
    i64 start = startOf(chunk);
    if (inFours(p)) {
        for (i64 i = start + threadIdx.x * 4; i + 4 <= end; i += THREADS * 4) {
            update<4>(p, i, move, clear);
        }
        start = end & ~3ll;
    }
    for (i64 i = start + threadIdx.x; i < end; i += THREADS) {
        update<1>(p, i, move, clear);
    }
}

// ---- moments in 8 bits: one warp a block of 256 elements, eight of them in each lane

constexpr int LANE_ELEMENTS = BLOCK / 32;

// 256 ascending numbers in [-1, 1] and the middles between them. To find the nearest to x one starts at the code of
// the least number that shares with x its sign, exponent and five bits more.
struct Code {
    static constexpr int MANTISSA = 5;
    static constexpr int LEAST = (127 - 24) << MANTISSA;  // of 2^-24; what is smaller starts there too
    static constexpr int BUCKETS = (24 << MANTISSA) + 1;

    float numbers[256];
    float middles[256];
    u8 starts[2][BUCKETS];  // of positive and of negative numbers

    // By all threads of a block; they wait for each other afterwards.
    DEVICE void take(const float* from) {
        for (int i = threadIdx.x; i < 256; i += THREADS) {
            numbers[i] = from[i];
            middles[i] = i < 255 ? (from[i] + from[i + 1]) / 2 : -MINUS_INFINITY;
        }
        __syncthreads();
        for (int i = threadIdx.x; i < BUCKETS; i += THREADS) {
            starts[0][i] = search(i == 0 ? 0.0f : edge(i));
            starts[1][i] = search(-edge(i + 1));
        }
    }

    // The code of the number next to x; of two that are as near, the lower.
    DEVICE u32 of(float x) const {
        const int bucket = (int) (__float_as_uint(fabsf(x)) >> (23 - MANTISSA)) - LEAST;
        u32 code = starts[x < 0][min(max(bucket, 0), BUCKETS - 1)];
        while (middles[code] < x) {
            code++;
        }
        return code;
    }

private:
    DEVICE static float edge(int bucket) { return __uint_as_float((u32) (bucket + LEAST) << (23 - MANTISSA)); }

    DEVICE u32 search(float x) const {
        int code = 0;
        for (int step = 128; step > 0; step /= 2) {
            code += middles[code + step - 1] < x ? step : 0;
        }
        return code;
    }
};

DEVICE float warpMaximum(float x) {
#pragma unroll
    for (int distance = 16; distance > 0; distance /= 2) {
        x = fmaxf(x, __shfl_xor_sync(0xffffffffu, x, distance));
    }
    return x;
}

// The codes of eight neighbours at once where there are eight.
DEVICE u64 readCodes(const u8* codes, int count) {
    if (count == LANE_ELEMENTS && ((u64) codes & 7) == 0) {
        return *reinterpret_cast<const u64*>(codes);
    }
    u64 bits = 0;
    for (int j = 0; j < count; j++) {
        bits |= (u64) codes[j] << (8 * j);
    }
    return bits;
}

DEVICE void writeCodes(u8* codes, int count, u64 bits) {
    if (count == LANE_ELEMENTS && ((u64) codes & 7) == 0) {
        *reinterpret_cast<u64*>(codes) = bits;
        return;
    }
    for (int j = 0; j < count; j++) {
        codes[j] = (u8) (bits >> (8 * j));
    }
}

DEVICE void decode(const u8* codes, int count, float largest, const Code& code, float (&x)[LANE_ELEMENTS]) {
    const u64 bits = readCodes(codes, count);
#pragma unroll
    for (int j = 0; j < LANE_ELEMENTS; j++) {
        x[j] = j < count ? code.numbers[bits >> (8 * j) & 255] * largest : 0.0f;
    }
}

// Writes the codes of eight elements and, once a warp, the scale of their block.
DEVICE void encode(u8* codes, int count, float* scale, const Code& code, const float (&x)[LANE_ELEMENTS]) {
    float largest = 0;
#pragma unroll
    for (int j = 0; j < LANE_ELEMENTS; j++) {
        largest = fmaxf(largest, fabsf(x[j]));
    }
    largest = warpMaximum(largest);
    // A block of zeros is divided by something.
    const float inverse = 1.0f / fmaxf(largest, 1e-38f);
    u64 bits = 0;
#pragma unroll
    for (int j = 0; j < LANE_ELEMENTS; j++) {
        bits |= (u64) code.of(x[j] * inverse) << (8 * j);
    }
    writeCodes(codes, count, bits);
    if (threadIdx.x % 32 == 0) {
        *scale = largest;
    }
}

// Eight neighbours, all of them or the first few.
DEVICE void take(const float* from, int count, bool whole, float (&x)[LANE_ELEMENTS]) {
    if (whole) {
        load<f32, 4>(from, reinterpret_cast<float(&)[4]>(x[0]));
        load<f32, 4>(from + 4, reinterpret_cast<float(&)[4]>(x[4]));
        return;
    }
#pragma unroll
    for (int j = 0; j < LANE_ELEMENTS; j++) {
        x[j] = j < count ? from[j] : 0.0f;
    }
}

DEVICE void give(float* to, int count, bool whole, const float (&x)[LANE_ELEMENTS]) {
    if (whole) {
        store<f32, 4>(to, reinterpret_cast<const float(&)[4]>(x[0]));
        store<f32, 4>(to + 4, reinterpret_cast<const float(&)[4]>(x[4]));
        return;
    }
#pragma unroll
    for (int j = 0; j < LANE_ELEMENTS; j++) {
        if (j < count) {
            to[j] = x[j];
        }
    }
}

DEVICE void giveCopy(const Parameter& p, i64 i, int count, bool whole, const float (&x)[LANE_ELEMENTS]) {
    if (whole) {
        storeCopy<4>(p, (u32) i, reinterpret_cast<const float(&)[4]>(x[0]));
        storeCopy<4>(p, (u32) i + 4, reinterpret_cast<const float(&)[4]>(x[4]));
        return;
    }
#pragma unroll
    for (int j = 0; j < LANE_ELEMENTS; j++) {
        if (j < count) {
            storeCopy<1>(p, (u32) i + j, reinterpret_cast<const float(&)[1]>(x[j]));
        }
    }
}

DEVICE void updateBlock(
    const Parameter& p, i64 block, const Move& move, bool clear, bool fours, const Code& firstCode,
    const Code& secondCode) {
    const i64 i = block * BLOCK + threadIdx.x % 32 * LANE_ELEMENTS;
    const int count = (int) max(0ll, min((i64) LANE_ELEMENTS, p.elements - i));
    const bool whole = fours && count == LANE_ELEMENTS;
    u8* first = static_cast<u8*>(p.first) + i;
    u8* second = static_cast<u8*>(p.second) + i;
    float value[LANE_ELEMENTS], g[LANE_ELEMENTS], m[LANE_ELEMENTS], v[LANE_ELEMENTS];
    take(p.values + i, count, whole, value);
    take(p.gradient + i, count, whole, g);
    decode(first, count, p.firstLargest[block], firstCode, m);
    decode(second, count, p.secondLargest[block], secondCode, v);
#pragma unroll
    for (int j = 0; j < LANE_ELEMENTS; j++) {
        value[j] = move(value[j], g[j], m[j], v[j]);
    }
    give(p.values + i, count, whole, value);
    if (p.copy) {
        giveCopy(p, i, count, whole, value);
    }
    if (clear) {
        const float zeros[LANE_ELEMENTS] = {};
        give(p.gradient + i, count, whole, zeros);
    }
    encode(first, count, p.firstLargest + block, firstCode, m);
    encode(second, count, p.secondLargest + block, secondCode, v);
}

// firstNumbers, secondNumbers (256), ascending: what the codes of the moments stand for, in units of the block's
// scale. A block of threads takes many chunks, since it prepares the codes first.
KERNEL __launch_bounds__(THREADS, RESIDENT) adam_w_eight_bit(
    const Parameter* parameters, const Chunk* chunks, const Step* steps, const Clip* clips, int clear,
    const float* firstNumbers, const float* secondNumbers, int chunkCount) {
    __shared__ Code firstCode, secondCode;
    const float factor = clips ? clips->factor : 1.0f;
    if (factor != factor) {
        return;
    }
    firstCode.take(firstNumbers);
    secondCode.take(secondNumbers);
    __syncthreads();
    for (int i = blockIdx.x; i < chunkCount; i += gridDim.x) {
        const Chunk chunk = chunks[i];
        const Parameter p = parameters[chunk.parameter];
        const Move move = moveOf(*steps, factor, p);
        const bool fours = inFours(p);
        const i64 last = (endOf(chunk, p) + BLOCK - 1) / BLOCK;
        for (i64 block = startOf(chunk) / BLOCK + threadIdx.x / 32; block < last; block += THREADS / 32) {
            updateBlock(p, block, move, clear, fours, firstCode, secondCode);
        }
    }
}
