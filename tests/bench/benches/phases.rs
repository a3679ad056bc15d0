//! How long each phase of a link takes, on inputs that are made up and on real ones: `cargo bench -p wcompose-bench`.
#![allow(clippy::unwrap_used, reason = "a benchmark that cannot be made has nothing to say")]

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use wcompose::{Bodies, Request, Target, check, emit, parse, plan, resolve, share};
use wcompose_bench::{Made, generated, inputs, read};

fn phases(criterion: &mut Criterion, name: &str, made: &[Made]) {
    let (inputs, request, target) = (inputs(made).unwrap(), Request::default(), Target::default());
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10);
    group.bench_function("parse", |b| b.iter(|| parse(&inputs, &target, Bodies::Validated).unwrap()));
    let components = parse(&inputs, &target, Bodies::Validated).unwrap();
    group.bench_function("resolve", |b| b.iter(|| resolve(&components, &request)));
    let (resolution, _) = resolve(&components, &request);
    group.bench_function("plan", |b| b.iter(|| plan(&components, &resolution)));
    let plan = plan(&components, &resolution);
    group.bench_function("share", |b| b.iter(|| share(&components, &plan, &request)));
    let sharing = share(&components, &plan, &request);
    group.bench_function("emit", |b| {
        b.iter_batched(|| (), |()| emit(&components, &plan, &sharing), BatchSize::SmallInput)
    });
    let output = emit(&components, &plan, &sharing);
    group.bench_function("check", |b| b.iter(|| check(&output, &Target::default()).unwrap()));
    group.finish();
}

fn all(criterion: &mut Criterion) {
    phases(criterion, "chain of 100", &generated::chain(100).unwrap());
    phases(criterion, "chain of 490", &generated::chain(490).unwrap());
    phases(criterion, "wide: 300 providers", &generated::wide(300).unwrap());
    phases(criterion, "tree of 255", &generated::tree(255).unwrap());
    phases(criterion, "2,000 functions", &generated::functions(2_000).unwrap());
    let fixtures = ["rust-app", "c-middle", "rust-middle", "go-middle", "js-middle", "ts-leaf"];
    phases(criterion, "six languages", &read(&fixtures).unwrap());
}

criterion_group!(benches, all);
criterion_main!(benches);
