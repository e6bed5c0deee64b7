namespace Aim.Reduction;

/// <summary>Turns each frame's visual tokens into fewer before they enter the language model. Frames are independent.</summary>
public interface ITokenMerger
{
    /// <summary>Tokens that a frame of <paramref name="tokensPerFrame"/> is left with; known before anything runs.</summary>
    int Kept(int tokensPerFrame);

    /// <summary>[frames, tokens, dim] -> [frames, Kept(tokens), dim].</summary>
    Tensor Merge(Tensor tokens);
}
