//! What a link does and makes, looked at in this process: how long each phase takes, and what the composition has.

use std::hint::black_box;
use std::time::Instant;

use anyhow::{Result, bail};
use wcompose::{Bodies, Digest, Linked, Request, Target, check, emit, parse, plan, resolve, share};
use wcompose_bench::{Made, inputs};

/// A composition.
pub(crate) struct Inside {
    /// The bytes of all components.
    pub given: usize,
    pub shared: Counts,
    /// With `--no-dedup`.
    pub copies: Counts,
    /// Each phase and the seconds that it takes, the best of several. The first is a part of the second.
    pub phases: Vec<(&'static str, f64)>,
}

/// What a composition has.
pub(crate) struct Counts {
    pub bytes: usize,
    /// Modules and components in all, which newer runtimes limit.
    pub definitions: u32,
    /// The most instances in one component, which wasmtime 48 limits.
    pub instances: u32,
}

/// How often the phases are timed.
const TIMES: usize = 5;

/// Links the components.
pub(crate) fn look(made: &[Made]) -> Result<Inside> {
    let counts = |keep_copies| {
        let request = Request { keep_copies, ..Request::default() };
        let inputs = inputs(made)?;
        let Linked::Done { output, .. } = wcompose::link(&inputs, &request) else {
            bail!("the link failed");
        };
        let definitions =
            check(&output, &Target::default()).map_err(|fault| anyhow::anyhow!(fault.message))?;
        Ok(Counts { bytes: output.len(), definitions, instances: output.instances() })
    };
    Ok(Inside {
        given: made.iter().map(|made| made.bytes.len()).sum(),
        shared: counts(false)?,
        copies: counts(true)?,
        phases: phases(made)?,
    })
}

fn phases(made: &[Made]) -> Result<Vec<(&'static str, f64)>> {
    let (inputs, request, target) = (inputs(made)?, Request::default(), Target::default());
    let mut best = Vec::<(&'static str, f64)>::new();
    for _ in 0..TIMES {
        let mut times = Times { last: Instant::now(), all: Vec::new() };
        let whole = parse(&inputs, &target, Bodies::Unvalidated);
        times.took("parse, without function bodies");
        let Ok(components) = parse(&inputs, &target, Bodies::Validated) else { bail!("it does not parse") };
        times.took("parse");
        drop(whole);
        times.last = Instant::now();
        let (resolution, _) = resolve(&components, &request);
        times.took("resolve");
        let plan = plan(&components, &resolution);
        times.took("plan");
        let sharing = share(&components, &plan, &request);
        times.took("share");
        let output = emit(&components, &plan, &sharing);
        times.took("emit");
        // More than the target allows, where a link would divide it.
        _ = check(&output, &target);
        times.took("check");
        inputs.iter().for_each(|input| _ = black_box(Digest::of(input.bytes)));
        times.took("digests");
        output.write_to(&mut tempfile::tempfile()?)?;
        times.took("write");
        if best.is_empty() {
            best = times.all;
        } else {
            best.iter_mut().zip(times.all).for_each(|(best, (_, took))| best.1 = best.1.min(took));
        }
    }
    Ok(best)
}

struct Times {
    last: Instant,
    all: Vec<(&'static str, f64)>,
}

impl Times {
    fn took(&mut self, phase: &'static str) {
        self.all.push((phase, self.last.elapsed().as_secs_f64()));
        self.last = Instant::now();
    }
}
