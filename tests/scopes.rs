//! Compositions of more instances than a runtime allows in one component: they are divided over nested ones, and only
//! they.
#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is tests")]

use wcompose::{
    Composition, CompositionInstance, Input, Inputs, InstanceName, Linked, Pattern, Request, Size,
};
use wcompose_bench::generated;
use wcompose_tests::{Guest, from_wit, patient, printed};

/// The composition, and how deep its scopes stand in each other.
fn divided(guests: &[Guest], request: &Request) -> (Vec<u8>, u32) {
    let inputs = guests.iter().map(|guest| Input {
        name: InstanceName::new(guest.name()).unwrap(),
        file: guest.name().into(),
        bytes: guest.content(),
    });
    let inputs = Inputs::new(inputs.collect()).unwrap();
    let linked = wcompose::link(&inputs, request);
    let Linked::Done { plan, output, .. } = linked else { panic!("{:?}", linked.diagnostics()) };
    (output.to_vec(), 1 + plan.scope.all().iter().map(|(around, _)| *around).max().unwrap())
}

/// Middleware around an interface that hands out a resource which the last link defines.
fn things(links: usize) -> Vec<Guest> {
    let of = |world: &str| {
        let text = format!(
            "package demo:case;
            world guest {{ {world} }}
            interface types {{ resource thing; }}
            interface api {{ use types.{{thing}}; take: func() -> thing; }}"
        );
        from_wit(&text).unwrap()
    };
    let middle = of("import types; import api; export api;");
    let middles = (1..links).map(|place| Guest::bytes(&format!("m{place:03}"), &middle));
    middles.chain([Guest::bytes("leaf", &of("export types; export api;"))]).collect()
}

/// What fits in one component stays there.
#[test]
fn what_fits_is_not_divided() {
    assert_eq!(divided(&things(490), &Request::default()).1, 1);
}

/// A scope exports also those of its instances whose types the others mention, or no one outside could name them.
#[test]
fn types_come_out_of_scopes() {
    assert_eq!(divided(&things(700), &Request::default()).1, 2);
    assert_eq!(divided(&things(700), &Request { keep_copies: true, ..Request::default() }).1, 2);
}

/// 900 links: more than the 490 that fit in one component. They load, run, and each adds what it should.
#[test]
fn nine_hundred_links_run() {
    let guests = Guest::made(generated::counters(900).unwrap());
    let (composition, depth) = divided(&guests, &Request::default());
    assert_eq!(depth, 2);
    assert_eq!(printed(&composition, &patient()).unwrap(), "");
}

/// 900 providers of one consumer: what they export fits in one component, but not they themselves beside it.
#[test]
fn nine_hundred_providers_of_one_consumer_run() {
    let (composition, depth) = divided(&Guest::made(generated::wide(900).unwrap()), &Request::default());
    assert_eq!(depth, 2);
    // Read again, it is as if it were one component.
    let read = Composition::read(&composition).unwrap().instances;
    let [CompositionInstance { arguments, .. }] = &read[900..] else { panic!("{} instances", read.len()) };
    let from = |place| format!("p{place:03}:demo:x/p{place:03}");
    assert!(
        arguments.iter().enumerate().all(|(place, argument)| argument.from == from(place)),
        "{arguments:?}"
    );
    assert_eq!(printed(&composition, &patient()).unwrap(), "");
}

/// A tree is divided into its branches.
#[test]
fn a_large_tree_runs() {
    assert_eq!(divided(&Guest::made(generated::tree(255).unwrap()), &Request::default()).1, 1);
    let (composition, depth) = divided(&Guest::made(generated::tree(900).unwrap()), &Request::default());
    assert_eq!(depth, 2);
    assert_eq!(printed(&composition, &patient()).unwrap(), "");
}

/// The same with a real guest, whose calls are async and whose streams go through every link.
#[test]
fn nine_hundred_links_in_c_run() {
    let middle = Guest::fixture("c-middle").unwrap();
    let middles = (0..898).map(|place| middle.clone().named(&format!("m{place:03}")));
    let ends = ["rust-app", "c-leaf"].map(|name| Guest::fixture(name).unwrap());
    let [head, leaf] = ends;
    let guests = [head].into_iter().chain(middles).chain([leaf]).collect::<Vec<_>>();
    // Its provenance, which names each link, is as long as all else.
    let (composition, _) = divided(&guests, &Request { omit_provenance: true, ..Request::default() });
    assert!(composition.len() < 300_000, "one definition for all");
    let expected = format!(
        "greet: {}world{}\nnumbers: [89800, 89801, 89802, 89803, 89804]\ntotal: 10\n",
        "c(".repeat(899),
        ")".repeat(899)
    );
    let mut options = patient();
    // Each link has a memory of its own.
    options.limits.linear_memory = None;
    assert_eq!(printed(&composition, &options).unwrap(), expected);
}

/// Imports of the composition all stand in its outermost component, so dividing does not help: that is an error, not
/// output that cannot be loaded.
#[test]
fn too_many_imports_are_an_error() {
    let imports = |of: &str| {
        let imports = (0..600).map(|place| format!("(import \"demo:{of}/i{place}\" (instance))"));
        Guest::text(of, &format!("(component {})", imports.collect::<String>())).unwrap()
    };
    let guests = [imports("x"), imports("y")];
    let inputs = guests.iter().map(|guest| Input {
        name: InstanceName::new(guest.name()).unwrap(),
        file: guest.name().into(),
        bytes: guest.content(),
    });
    let inputs = Inputs::new(inputs.collect()).unwrap();
    let roots = ["x", "y"].map(str::to_owned).to_vec();
    let request = Request { roots, allow_imports: vec![Pattern::new("*")], ..Request::default() };
    let linked = wcompose::link(&inputs, &request);
    assert!(matches!(linked, Linked::Unresolved { .. }));
    let codes = linked.diagnostics().iter().map(|diagnostic| diagnostic.code.name).collect::<Vec<_>>();
    assert_eq!(codes, ["target-limit"]);
    assert_eq!(
        linked.diagnostics()[0].notes,
        [
            "counted are 2 instances, 1200 imports and 0 exports that others are given",
            "most is given to `x` (x), which imports 600"
        ]
    );
}

/// Newer runtimes count what is defined in all. Sharing keeps a chain below that, and without it the user is told.
#[test]
fn newer_runtimes_load_less() {
    let warnings = |keep_copies| {
        let guests = things(490);
        let inputs = guests.iter().map(|guest| Input {
            name: InstanceName::new(guest.name()).unwrap(),
            file: guest.name().into(),
            bytes: guest.content(),
        });
        let inputs = Inputs::new(inputs.collect()).unwrap();
        let linked = wcompose::link(&inputs, &Request { keep_copies, ..Request::default() });
        linked.diagnostics().iter().map(|diagnostic| diagnostic.code.name).collect::<Vec<_>>()
    };
    assert_eq!(warnings(false), [""; 0]);
    assert_eq!(warnings(true), ["target-limit"]);
}

/// The components that hold others are named, or the tree of `wcompose size` would say nothing of most of the bytes.
#[test]
fn scopes_are_named() {
    let (composition, _) = divided(&things(700), &Request::default());
    let nested = Size::read(&composition).unwrap().nested;
    let named = |size: &&Size| size.name.as_deref() == Some("inner");
    assert_eq!(nested.iter().filter(named).count(), 1, "{:?}", nested.last());
}
