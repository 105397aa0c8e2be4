// AdamW (https://arxiv.org/abs/1711.05101) over all tensors of an adapter in one launch, its moments in
// float32 or, block by block, in 8 bits (https://arxiv.org/abs/2110.02861), and the gradients' norm before
// it. Parameters and gradients are float32; STORAGE is the type of a copy of the parameters that the forward
// pass reads, where one is wanted.
//
// Whatever changes from step to step is read from memory, so that a recorded graph can run again.

#include "numeric.cuh"

constexpr int THREADS = 256;
constexpr int CHUNK = 8192;  // elements of one block of threads
constexpr int BLOCK = 256;   // elements that share a scale in 8 bits

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

// The norm of all gradients, and what they are multiplied with.
struct Clip {
    float norm;
    float factor;
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

// One block adds the parts, in double precision and always in the same order. Gradients longer than most are
// made as long as most; most <= 0 leaves them. A norm that is no finite number makes the factor NaN: no
// update then.
KERNEL __launch_bounds__(THREADS) clip(const float* partial, int count, float most, Clip* out) {
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
        const float norm = (float) sqrt(sums[0]);
        const float factor = most > 0 ? fminf(1.0f, most / (norm + 1e-6f)) : 1.0f;
        const bool finite = norm - norm == 0;
        *out = {norm, finite ? factor : __uint_as_float(0x7fffffffu)};
    }
}

// ---- one element

// m <- beta1 m + (1 - beta1) g, v <- beta2 v + (1 - beta2) g^2, p <- p (1 - rate decay) - rate m' / (sqrt(v')
// + epsilon), where m' and v' are corrected for their start at 0.
DEVICE float moved(float value, float g, float& m, float& v, const Step& step, float rate, float decay) {
    m = step.beta1 * m + step.rest1 * g;
    v = step.beta2 * v + step.rest2 * g * g;
    const float denominator = sqrtf(v) / step.rootCorrection2 + step.epsilon;
    return value * (1.0f - rate * decay) - rate / step.correction1 * m / denominator;
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

template <int N>
DEVICE void update(const Parameter& p, i64 i, const Step& step, float factor, float rate, bool clear) {
    float value[N], g[N], m[N], v[N];
    float* first = static_cast<float*>(p.first) + i;
    float* second = static_cast<float*>(p.second) + i;
    load<f32, N>(p.values + i, value);
    load<f32, N>(p.gradient + i, g);
    load<f32, N>(first, m);
    load<f32, N>(second, v);
#pragma unroll
    for (int j = 0; j < N; j++) {
        value[j] = moved(value[j], factor * g[j], m[j], v[j], step, rate, p.decay);
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
    const Step step = *steps;
    const float factor = clips ? clips->factor : 1.0f;
    if (factor != factor) {
        return;
    }
    const float rate = step.rate * p.rateFactor;
    const i64 end = endOf(chunk, p);
    i64 start = startOf(chunk);
    if (inFours(p)) {
        for (i64 i = start + threadIdx.x * 4; i + 4 <= end; i += THREADS * 4) {
            update<4>(p, i, step, factor, rate, clear);
        }
        start = end & ~3ll;
    }
    for (i64 i = start + threadIdx.x; i < end; i += THREADS) {
        update<1>(p, i, step, factor, rate, clear);
    }
}

// ---- moments in 8 bits: one warp a block of 256 elements, eight of them in each lane

constexpr int LANE_ELEMENTS = BLOCK / 32;

// 256 ascending numbers and the middles between them.
struct Code {
    float numbers[256];
    float middles[256];

    DEVICE void take(const float* from) {
        const int i = threadIdx.x;
        numbers[i] = from[i];
        middles[i] = i < 255 ? (from[i] + from[i + 1]) / 2 : 0;
    }

    // The code of the number next to x; of two that are as near, the lower.
    DEVICE u32 of(float x) const {
        int code = 0;
#pragma unroll
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

DEVICE void decode(const u8* codes, int count, float largest, const Code& code, float (&x)[LANE_ELEMENTS]) {
#pragma unroll
    for (int j = 0; j < LANE_ELEMENTS; j++) {
        x[j] = j < count ? code.numbers[codes[j]] * largest : 0.0f;
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
#pragma unroll
    for (int j = 0; j < LANE_ELEMENTS; j++) {
        if (j < count) {
            codes[j] = code.of(x[j] * inverse);
        }
    }
    if (threadIdx.x % 32 == 0) {
        *scale = largest;
    }
}

// Moves N elements whose moments are in registers.
template <int N>
DEVICE void move(
    const Parameter& p, i64 i, float* m, float* v, const Step& step, float factor, float rate, bool clear) {
    float value[N], g[N];
    load<f32, N>(p.values + i, value);
    load<f32, N>(p.gradient + i, g);
#pragma unroll
    for (int j = 0; j < N; j++) {
        value[j] = moved(value[j], factor * g[j], m[j], v[j], step, rate, p.decay);
    }
    store<f32, N>(p.values + i, value);
    if (p.copy) {
        storeCopy<N>(p, (u32) i, value);
    }
    if (clear) {
        const float zeros[N] = {};
        store<f32, N>(p.gradient + i, zeros);
    }
}

DEVICE void updateBlock(
    const Parameter& p, i64 block, const Step& step, float factor, float rate, bool clear, bool fours,
    const Code& firstCode, const Code& secondCode) {
    const i64 i = block * BLOCK + threadIdx.x % 32 * LANE_ELEMENTS;
    const int count = (int) max(0ll, min((i64) LANE_ELEMENTS, p.elements - i));
    u8* first = static_cast<u8*>(p.first) + i;
    u8* second = static_cast<u8*>(p.second) + i;
    float m[LANE_ELEMENTS], v[LANE_ELEMENTS];
    decode(first, count, p.firstLargest[block], firstCode, m);
    decode(second, count, p.secondLargest[block], secondCode, v);
    if (fours && count == LANE_ELEMENTS) {
        move<4>(p, i, m, v, step, factor, rate, clear);
        move<4>(p, i + 4, m + 4, v + 4, step, factor, rate, clear);
    } else {
#pragma unroll
        for (int j = 0; j < LANE_ELEMENTS; j++) {
            if (j < count) {
                move<1>(p, i + j, m + j, v + j, step, factor, rate, clear);
            }
        }
    }
    encode(first, count, p.firstLargest + block, firstCode, m);
    encode(second, count, p.secondLargest + block, secondCode, v);
}

// firstNumbers, secondNumbers (256), ascending: what the codes of the moments stand for, in units of the
// block's scale.
KERNEL __launch_bounds__(THREADS) adam_w_eight_bit(
    const Parameter* parameters, const Chunk* chunks, const Step* steps, const Clip* clips, int clear,
    const float* firstNumbers, const float* secondNumbers) {
    __shared__ Code firstCode, secondCode;
    firstCode.take(firstNumbers);
    secondCode.take(secondNumbers);
    __syncthreads();
    const Chunk chunk = chunks[blockIdx.x];
    const Parameter p = parameters[chunk.parameter];
    const Step step = *steps;
    const float factor = clips ? clips->factor : 1.0f;
    if (factor != factor) {
        return;
    }
    const float rate = step.rate * p.rateFactor;
    const bool fours = inFours(p);
    const i64 last = (endOf(chunk, p) + BLOCK - 1) / BLOCK;
    for (i64 block = startOf(chunk) / BLOCK + threadIdx.x / 32; block < last; block += THREADS / 32) {
        updateBlock(p, block, step, factor, rate, clear, fours, firstCode, secondCode);
    }
}
