/** A page that has only something to say. */
export function Message({
  title,
  text,
  back,
}: {
  readonly title: string;
  readonly text: string;
  readonly back: string;
}) {
  return (
    <section aria-label="Message">
      <h1>{title}</h1>
      <p>{text}</p>
      <p>
        <a href={back}>Back</a>
      </p>
    </section>
  );
}
