namespace Aim.Tensors;

public static partial class torch
{
    public static partial class optim
    {
        /// <summary>Changes parameters by their gradients, group by group.</summary>
        public abstract class Optimizer : IDisposable
        {
            private readonly List<Modules.ParamGroup> _groups = [];

            /// <summary>Parameters with their settings; the learning rate of each may be set between steps.</summary>
            public IEnumerable<Modules.ParamGroup> ParamGroups => _groups;

            public virtual IEnumerable<Modules.Parameter> parameters() => _groups.SelectMany(g => g.Parameters);

            /// <summary>Applies the gradients; parameters without one stay as they are.</summary>
            public abstract Tensor? step(Func<Tensor>? closure = null);

            /// <summary>Forgets all gradients.</summary>
            public virtual void zero_grad()
            {
                foreach (var parameter in parameters())
                    parameter.grad = null;
            }

            /// <summary>
            /// The settings of each group and the state of each parameter, in order: the optimiser's own, not copies. A
            /// checkpoint writes their values; read back into those of a new optimiser over the same parameters, or handed to
            /// its <see cref="load_state_dict"/>, they let it go on from there.
            /// </summary>
            public virtual StateDictionary state_dict()
            {
                var result = new StateDictionary();
                foreach (var group in _groups)
                {
                    result.Options.Add(group.Options);
                    result.State.AddRange(group.Parameters.Select(StateOf));
                }

                return result;
            }

            /// <summary>Copies another optimiser's settings and states into this one's.</summary>
            /// <exception cref="TensorException">Groups, parameters or shapes differ.</exception>
            public virtual void load_state_dict(StateDictionary state_dict)
            {
                var own = this.state_dict();
                if (own.Options.Count != state_dict.Options.Count || own.State.Count != state_dict.State.Count)
                {
                    throw new TensorException($"loaded state dict has {state_dict.Options.Count} parameter groups and "
                        + $"{state_dict.State.Count} parameters, the optimizer {own.Options.Count} and {own.State.Count}");
                }

                using var off = no_grad();
                for (var i = 0; i < own.State.Count; i++)
                    own.State[i].Load(state_dict.State[i]);
                for (var i = 0; i < own.Options.Count; i++)
                {
                    own.Options[i].Load(state_dict.Options[i]);
                    _groups[i].LearningRate = own.Options[i].LearningRate ?? _groups[i].LearningRate;
                    _groups[i].InitialLearningRate = own.Options[i].InitialLearningRate;
                }
            }

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected abstract void Dispose(bool disposing);

            /// <summary>The state of a parameter, made if it has none yet.</summary>
            private protected abstract Modules.OptimizerState StateOf(Modules.Parameter parameter);

            private protected void AddGroup(Modules.ParamGroup group)
            {
                var known = new HashSet<Tensor>(parameters());
                foreach (var parameter in group.Parameters)
                {
                    if (!parameter.is_leaf)
                        throw new TensorException("can't optimize a non-leaf Tensor");
                    if (!known.Add(parameter))
                        throw new TensorException("some parameters appear in more than one parameter group");
                }

                _groups.Add(group);
            }

            private protected void CheckNotEmpty()
            {
                if (!parameters().Any())
                    throw new TensorException("optimizer got an empty parameter list");
            }

            /// <summary>What <see cref="state_dict"/> gives.</summary>
            public sealed class StateDictionary
            {
                internal StateDictionary()
                {
                }

                /// <summary>One a group.</summary>
                public List<Modules.OptimizerOptions> Options { get; } = [];

                /// <summary>One a parameter, group after group.</summary>
                public List<Modules.OptimizerState> State { get; } = [];
            }

            /// <summary>The loss of a closure, evaluated with recording on.</summary>
            private protected static Tensor? Evaluate(Func<Tensor>? closure)
            {
                using var on = enable_grad();
                return closure?.Invoke();
            }
        }
    }
}
