// The gradients of the adapters of one joined matrix, computed together in the model's type, are added to the float32
// gradients of each adapter: gradientA += ofA[columns, all], gradientB += scale * ofB[outputs, columns].

#include "numeric.cuh"

constexpr int THREADS = 256;
// What one block of threads takes: little, since a thread waits for memory at each of its turns.
constexpr int COLUMNS_OF_A = 4096;
constexpr int ROWS_OF_B = 64;

// One adapter of the group, as the host lays it out.
struct Member {
    float* gradientA;  // (rank, inputs)
    float* gradientB;  // (outputs, rank)
    int column;        // where its columns begin among those of the group
    int rank;
    int output;        // where its outputs begin among those of the group
    int outputs;
    int inputs;
    float scale;
};

// What one block of threads does: a stretch of a row of A, or some rows of B.
struct Part {
    int member;
    int rowOfA;  // negative if it is none
    int first;   // column of A or row of B
    int unused;
};

template <int N> DEVICE void addRow(const Stored* from, float* to, int width) {
    for (int i = threadIdx.x * N; i < width; i += THREADS * N) {
        float x[N], sum[N];
        load<Stored, N>(from + i, x);
#pragma unroll
        for (int j = 0; j < N; j += 4) {
            if constexpr (N == 1) {
                sum[0] = to[i];
            } else {
                load<f32, 4>(to + i + j, reinterpret_cast<float(&)[4]>(sum[j]));
            }
        }
#pragma unroll
        for (int j = 0; j < N; j++) {
            sum[j] += x[j];
        }
#pragma unroll
        for (int j = 0; j < N; j += 4) {
            if constexpr (N == 1) {
                to[i] = sum[0];
            } else {
                store<f32, 4>(to + i + j, reinterpret_cast<const float(&)[4]>(sum[j]));
            }
        }
    }
}

DEVICE bool aligned(const void* address) { return ((u64) address & 15) == 0; }

KERNEL __launch_bounds__(THREADS) collect_gradients(
    const Member* members, const Part* parts, Rows<const Stored> ofA, Rows<const Stored> ofB) {
    const Part part = parts[blockIdx.x];
    const Member member = members[part.member];
    if (part.rowOfA >= 0) {
        const Stored* from = ofA[member.column + part.rowOfA] + part.first;
        float* to = member.gradientA + (i64) part.rowOfA * member.inputs + part.first;
        const int width = min(COLUMNS_OF_A, member.inputs - part.first);
        if (width % LANES == 0 && aligned(from) && aligned(to)) {
            addRow<LANES>(from, to, width);
        } else {
            addRow<1>(from, to, width);
        }
        return;
    }
    const int rows = min(ROWS_OF_B, member.outputs - part.first);
    for (int i = threadIdx.x; i < rows * member.rank; i += THREADS) {
        const int row = part.first + i / member.rank;
        float x[1];
        load<Stored, 1>(ofB[member.output + row] + member.column + i % member.rank, x);
        member.gradientB[(i64) part.first * member.rank + i] += member.scale * x[0];
    }
}
