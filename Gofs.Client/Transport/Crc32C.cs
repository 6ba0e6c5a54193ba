using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ArmAes = System.Runtime.Intrinsics.Arm.Aes;

namespace Gofs.Transport;

/// <summary>
/// CRC-32C (Castagnoli, reflected, initial and final value all ones; RFC 3720 §B.4), by the processor's instruction. That takes 8 bytes
/// a cycle but answers three cycles later, so long data go in three streams at once whose CRCs are then combined; where the processor multiplies
/// without carry 512 bits at a time, long data are folded first (<see cref="FoldedCrc"/>).
/// <para>
/// Combining: the CRC of A followed by n bytes is A's times x^8n, modulo the polynomial. The instruction on a 64-bit word multiplies
/// by x^32 and reduces; the carry-less product of two reflected 32-bit values is their product times x. So the instruction on a carry-less product
/// is a·b·x^33, and <see cref="Shifts"/> holds x^(8·2^k - 33): what a CRC has to be multiplied with, that way, to step over 2^k bytes.
/// </para>
/// </summary>
public static class Crc32C
{
    private const int LongStream = 1024;
    private const int ShortStream = 128;
    private const uint Polynomial = 0x82F63B78;
    private const uint One = 1u << 31;
    private static readonly uint[] Shifts = MakeShifts();
    private static readonly (uint One, uint Two) LongShift = (ShiftOver(LongStream), ShiftOver(2 * LongStream));
    private static readonly (uint One, uint Two) ShortShift = (ShiftOver(ShortStream), ShiftOver(2 * ShortStream));

    /// <summary>The CRC of <paramref name="data"/>; of nothing it is 0.</summary>
    public static uint Compute(ReadOnlySpan<byte> data) => Append(0, data);

    /// <summary>The CRC of what <paramref name="crc"/> is the CRC of, followed by <paramref name="data"/>.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> data)
    {
        crc = ~crc;
        if (FoldedCrc.IsFor(data.Length)) crc = FoldedCrc.Append(crc, ref data);
        return ~AppendByInstruction(crc, data);
    }

    /// <summary>The same on any processor, of a CRC that is not inverted.</summary>
    internal static uint AppendByInstruction(uint crc, ReadOnlySpan<byte> data)
    {
        if (data.Length >= 3 * ShortStream)
        {
            crc = Streams(crc, ref data, LongStream, LongShift);
            crc = Streams(crc, ref data, ShortStream, ShortShift);
        }

        var words = MemoryMarshal.Cast<byte, ulong>(data);
        foreach (var word in words) crc = BitOperations.Crc32C(crc, word);
        foreach (var b in data[(words.Length * sizeof(ulong))..]) crc = BitOperations.Crc32C(crc, b);
        return crc;
    }

    /// <summary>The CRC of A followed by B, from the CRC of each and B's length in bytes, without looking at them.</summary>
    public static uint Combine(uint first, uint second, int secondLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(secondLength);
        return StepOver(first, secondLength) ^ second;
    }

    /// <summary>x to a power, modulo the polynomial, reflected: by stepping, for what is reckoned once.</summary>
    internal static uint PowerOfX(int power)
    {
        var result = One;
        for (; power > 0; power--) result = (result >> 1) ^ (Polynomial & (0u - (result & 1)));
        return result;
    }

    private static uint Streams(uint crc, ref ReadOnlySpan<byte> data, int stream, (uint One, uint Two) shift)
    {
        ref var from = ref MemoryMarshal.GetReference(data);
        nint at = 0;
        for (; at + (3 * stream) <= data.Length; at += 3 * stream)
        {
            ref var a = ref Unsafe.Add(ref from, at);
            var (second, third) = (0u, 0u);
            for (nint i = 0; i < stream; i += sizeof(ulong))
            {
                crc = BitOperations.Crc32C(crc, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref a, i)));
                second = BitOperations.Crc32C(second, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref a, i + stream)));
                third = BitOperations.Crc32C(third, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref a, i + (2 * stream))));
            }

            crc = Multiply(crc, shift.Two) ^ Multiply(second, shift.One) ^ third;
        }

        data = data[(int)at..];
        return crc;
    }

    private static uint StepOver(uint crc, int bytes)
    {
        for (var i = bytes & 7; i > 0; i--) crc = BitOperations.Crc32C(crc, (byte)0);
        for (var k = 3; bytes >> k != 0; k++)
        {
            if (((bytes >> k) & 1) != 0) crc = Multiply(crc, Shifts[k]);
        }

        return crc;
    }

    // a·b·x^33
    private static uint Multiply(uint a, uint b) => BitOperations.Crc32C(0, CarryLessProduct(a, b));

    private static ulong CarryLessProduct(uint a, uint b)
    {
        if (Pclmulqdq.IsSupported)
            return Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar((ulong)a), Vector128.CreateScalar((ulong)b), 0).ToScalar();
        if (ArmAes.IsSupported)
            return ArmAes.PolynomialMultiplyWideningLower(Vector64.CreateScalar((ulong)a), Vector64.CreateScalar((ulong)b)).ToScalar();
        var product = 0ul;
        for (var bit = 0; bit < 32; bit++) product ^= (ulong)b << bit & (0ul - ((a >> bit) & 1));
        return product;
    }

    private static uint ShiftOver(int powerOfTwoBytes) => Shifts[BitOperations.Log2((uint)powerOfTwoBytes)];

    // x^31 for 8 bytes, then each squared: (x^(n-33))² · x^33 = x^(2n-33).
    private static uint[] MakeShifts()
    {
        var shifts = new uint[31];
        var power = PowerOfX(64 - 33);
        for (var k = 3; k < shifts.Length; k++)
        {
            shifts[k] = power;
            power = Multiply(power, power);
        }

        return shifts;
    }
}
